/**
 * What we use of drizzle. Everybody imports it from here: Node reads the map of a package's exports anew for each file that imports the
 * package by its name, and drizzle's is so large that this took more than half of the start.
 */
export * from 'drizzle-orm';
