import { testDatabase } from './site.ts';

// Opened before the first test, so that no test's time limit pays for it.
await testDatabase();
