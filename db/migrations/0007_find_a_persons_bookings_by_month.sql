-- squawk-ignore require-concurrent-index-deletion
DROP INDEX "booking_by_person";--> statement-breakpoint
CREATE INDEX "booking_by_month_and_person" ON "booking" USING btree ("site_id",date_trunc('month', "starts_at" AT TIME ZONE 'UTC'),"person_id","starts_at");