ALTER TABLE "notice" DROP CONSTRAINT "notice_of_something";--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "resource_id" text;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "service_date" date;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "facts" jsonb;--> statement-breakpoint
-- Notices are kept for 90 days only, and none is of a resource yet: all three are looked at in moments.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ALTER TABLE "notice" ADD CONSTRAINT "notice_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE "notice" ADD CONSTRAINT "notice_of_a_day" CHECK (num_nonnulls("notice"."resource_id", "notice"."service_date", "notice"."facts") in (0, 3));--> statement-breakpoint
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE "notice" ADD CONSTRAINT "notice_of_something" CHECK (num_nonnulls("notice"."booking_id", "notice"."standing_ride_id", "notice"."resource_id") = 1);