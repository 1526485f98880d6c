import { testDoctorOver } from '../support/doctor-tests.ts';
import { seededEmbedded } from '../support/racing.ts';

testDoctorOver(seededEmbedded);
