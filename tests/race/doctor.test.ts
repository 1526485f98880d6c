import { openDb } from '../../db/open.ts';
import { testDoctorOver } from '../support/doctor-tests.ts';
import { seededDatabase } from '../support/racing.ts';

testDoctorOver(async () => openDb({ url: await seededDatabase() }));
