export const shuttle = {};
