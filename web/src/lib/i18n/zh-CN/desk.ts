/** The administrators' page. */
export const desk = { title: '管理台' };
