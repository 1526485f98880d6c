ALTER TABLE "booking" DROP CONSTRAINT "booking_person";
--> statement-breakpoint
ALTER TABLE "booking_line" DROP CONSTRAINT "booking_line_booking";
--> statement-breakpoint
ALTER TABLE "booking_line" DROP CONSTRAINT "booking_line_slot";
--> statement-breakpoint
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX "idempotency_key_by_age";
--> statement-breakpoint
CREATE INDEX "claim_by_end" ON "claim" USING btree (upper("during"));
--> statement-breakpoint
CREATE INDEX "idempotency_key_by_age" ON "idempotency_key" USING brin ("created_at");
