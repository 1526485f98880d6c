CREATE TABLE "parking_round" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"resource_id" text NOT NULL,
	"month" text NOT NULL,
	"opens_at" timestamptz NOT NULL,
	"closes_at" timestamptz NOT NULL,
	"commitment" text NOT NULL,
	"seed" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"working_until" timestamptz,
	CONSTRAINT "parking_round_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "parking_round_once_per_month" UNIQUE("site_id","resource_id","month"),
	CONSTRAINT "parking_round_opens_before_it_closes" CHECK ("parking_round"."opens_at" < "parking_round"."closes_at"),
	CONSTRAINT "parking_round_has_seed" CHECK ("parking_round"."seed" ~ '^[0-9a-f]{64}$' and "parking_round"."commitment" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "parking_round_entry" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"round_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"vehicle_id" uuid NOT NULL,
	"entered_at" timestamptz NOT NULL,
	"number" text,
	"place" integer,
	"result" text,
	"reason" text,
	"booking_id" uuid,
	"waitlist_id" bigint,
	CONSTRAINT "parking_round_entry_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "parking_round_entry_once_per_vehicle" UNIQUE("site_id","round_id","vehicle_id"),
	CONSTRAINT "parking_round_entry_place" UNIQUE("site_id","round_id","place"),
	CONSTRAINT "parking_round_entry_numbered" CHECK (("parking_round_entry"."number" is null) = ("parking_round_entry"."place" is null)),
	CONSTRAINT "parking_round_entry_result_after_draw" CHECK ("parking_round_entry"."result" is null or "parking_round_entry"."place" is not null)
);
--> statement-breakpoint
ALTER TABLE "parking_round" ADD CONSTRAINT "parking_round_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "parking_round_entry" ADD CONSTRAINT "parking_round_entry_round" FOREIGN KEY ("site_id","round_id") REFERENCES "public"."parking_round"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "parking_round_entry" ADD CONSTRAINT "parking_round_entry_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "parking_round_closing" ON "parking_round" USING btree ("site_id","closes_at") WHERE "parking_round"."state" <> 'done';--> statement-breakpoint
CREATE INDEX "parking_round_entry_by_person" ON "parking_round_entry" USING btree ("site_id","person_id");
--> statement-breakpoint
-- Entitlements that are there already say from now on of which agreement they are.
UPDATE booking SET details = details || jsonb_build_object('resourceId', (
  SELECT s.resource_id FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
  WHERE l.site_id = booking.site_id AND l.booking_id = booking.id LIMIT 1))
WHERE kind = 'parking' AND details->>'month' IS NOT NULL;
--> statement-breakpoint
-- Who holds a month of an agreement. Only parking's own bookings pay for it.
CREATE INDEX "booking_of_parking_month" ON "booking" USING btree ("site_id", ("details"->>'resourceId'), ("details"->>'month'))
  WHERE "kind" = 'parking' AND "details"->>'month' IS NOT NULL;
