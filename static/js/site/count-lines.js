// How many lines of a list are not empty.
export const countLines = (text) => text.split(/\r\n|\r|\n/).filter((line) => line.trim()).length;
