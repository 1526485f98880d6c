export const parking = {};
