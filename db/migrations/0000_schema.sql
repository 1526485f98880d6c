CREATE TABLE "allotment_draw" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"slot_id" bigint NOT NULL,
	"organisation_id" text NOT NULL,
	"units" integer NOT NULL,
	CONSTRAINT "allotment_draw_site_id_booking_id_slot_id_organisation_id_pk" PRIMARY KEY("site_id","booking_id","slot_id","organisation_id"),
	CONSTRAINT "allotment_draw_units_positive" CHECK ("allotment_draw"."units" > 0)
);
--> statement-breakpoint
CREATE TABLE "booking" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"person_id" uuid NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"changed_at" timestamptz NOT NULL,
	"expires_at" timestamptz,
	"starts_at" timestamptz NOT NULL,
	"ends_at" timestamptz NOT NULL,
	"service_date" date NOT NULL,
	"cancel_until" timestamptz NOT NULL,
	"price_fen" integer NOT NULL,
	"is_provisional" boolean NOT NULL,
	"bundle_id" uuid,
	"details" jsonb NOT NULL,
	CONSTRAINT "booking_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "booking_price_not_negative" CHECK ("booking"."price_fen" >= 0),
	CONSTRAINT "booking_starts_before_it_ends" CHECK ("booking"."starts_at" < "booking"."ends_at"),
	CONSTRAINT "booking_hold_has_expiry" CHECK (("booking"."state" = 'held') = ("booking"."expires_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "booking_line" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"slot_id" bigint NOT NULL,
	"units" integer NOT NULL,
	CONSTRAINT "booking_line_site_id_booking_id_slot_id_pk" PRIMARY KEY("site_id","booking_id","slot_id"),
	CONSTRAINT "booking_line_units_positive" CHECK ("booking_line"."units" > 0)
);
--> statement-breakpoint
CREATE TABLE "claim" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"claimant_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"during" "tstzrange" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"site_id" integer NOT NULL,
	"key" uuid NOT NULL,
	"request" uuid NOT NULL,
	"created_at" timestamptz NOT NULL,
	"booking_id" uuid,
	"answer" jsonb,
	CONSTRAINT "idempotency_key_site_id_key_pk" PRIMARY KEY("site_id","key"),
	CONSTRAINT "idempotency_key_has_answer" CHECK (num_nonnulls("idempotency_key"."booking_id", "idempotency_key"."answer") = 1)
);
--> statement-breakpoint
CREATE TABLE "waitlist_entry" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "waitlist_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"changed_at" timestamptz NOT NULL,
	"closes_at" timestamptz NOT NULL,
	"bypassed" smallint DEFAULT 0 NOT NULL,
	"offer_booking_id" uuid,
	"wish" jsonb NOT NULL,
	CONSTRAINT "waitlist_entry_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "waitlist_slot" (
	"site_id" integer NOT NULL,
	"slot_id" bigint NOT NULL,
	"entry_id" bigint NOT NULL,
	CONSTRAINT "waitlist_slot_site_id_slot_id_entry_id_pk" PRIMARY KEY("site_id","slot_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "allotment" (
	"site_id" integer NOT NULL,
	"slot_id" bigint NOT NULL,
	"organisation_id" text NOT NULL,
	"units" integer NOT NULL,
	"taken" integer DEFAULT 0 NOT NULL,
	"release_at" timestamptz NOT NULL,
	CONSTRAINT "allotment_site_id_slot_id_organisation_id_pk" PRIMARY KEY("site_id","slot_id","organisation_id"),
	CONSTRAINT "allotment_taken_within_units" CHECK ("allotment"."taken" between 0 and "allotment"."units")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamptz NOT NULL,
	"type" text NOT NULL,
	"actor_id" uuid,
	"booking_id" uuid,
	"slot_id" bigint,
	"facts" jsonb,
	CONSTRAINT "event_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "slot" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "slot_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"resource_id" text NOT NULL,
	"kind" text NOT NULL,
	"service_date" date NOT NULL,
	"part" text NOT NULL,
	"starts_at" timestamptz NOT NULL,
	"ends_at" timestamptz NOT NULL,
	"capacity" integer NOT NULL,
	"taken" integer DEFAULT 0 NOT NULL,
	"opens_at" timestamptz NOT NULL,
	"closes_at" timestamptz NOT NULL,
	"cancel_until" timestamptz NOT NULL,
	"price_fen" integer DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"closed_reason" text,
	"is_provisional" boolean DEFAULT false NOT NULL,
	"facts" jsonb,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "slot_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "slot_once_per_part" UNIQUE("site_id","resource_id","service_date","part"),
	CONSTRAINT "slot_taken_within_capacity" CHECK ("slot"."taken" between 0 and "slot"."capacity"),
	CONSTRAINT "slot_starts_before_it_ends" CHECK ("slot"."starts_at" < "slot"."ends_at"),
	CONSTRAINT "slot_opens_before_it_closes" CHECK ("slot"."opens_at" <= "slot"."closes_at"),
	CONSTRAINT "slot_price_not_negative" CHECK ("slot"."price_fen" >= 0)
);
--> statement-breakpoint
CREATE TABLE "account" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"owner" text NOT NULL,
	"balance_fen" bigint DEFAULT 0 NOT NULL,
	"floor_fen" bigint,
	"expires_at" timestamptz,
	CONSTRAINT "account_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "account_once_per_owner" UNIQUE NULLS NOT DISTINCT("site_id","kind","owner","expires_at"),
	CONSTRAINT "account_not_below_floor" CHECK ("account"."floor_fen" is null or "account"."balance_fen" >= "account"."floor_fen")
);
--> statement-breakpoint
CREATE TABLE "transfer" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamptz NOT NULL,
	"reason" text NOT NULL,
	"booking_id" uuid,
	CONSTRAINT "transfer_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "transfer_entry" (
	"site_id" integer NOT NULL,
	"transfer_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"amount_fen" bigint NOT NULL,
	CONSTRAINT "transfer_entry_site_id_transfer_id_account_id_pk" PRIMARY KEY("site_id","transfer_id","account_id"),
	CONSTRAINT "transfer_entry_moves_something" CHECK ("transfer_entry"."amount_fen" <> 0)
);
--> statement-breakpoint
CREATE TABLE "child" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"guardian_id" uuid NOT NULL,
	"name" text NOT NULL,
	"grade" smallint,
	"verified_at" timestamptz,
	CONSTRAINT "child_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "child_grade_in_range" CHECK ("child"."grade" is null or "child"."grade" between 1 and 9)
);
--> statement-breakpoint
CREATE TABLE "one_time_code" (
	"site_id" integer NOT NULL,
	"phone" text NOT NULL,
	"code_hash" text NOT NULL,
	"sent_at" timestamptz NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"sent_in_window" smallint DEFAULT 1 NOT NULL,
	"window_start" timestamptz NOT NULL,
	CONSTRAINT "one_time_code_site_id_phone_pk" PRIMARY KEY("site_id","phone")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"phone" text NOT NULL,
	"name" text NOT NULL,
	"locale" text DEFAULT 'zh-CN' NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "person_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "person_phone_unique" UNIQUE("site_id","phone")
);
--> statement-breakpoint
CREATE TABLE "person_role" (
	"site_id" integer NOT NULL,
	"person_id" uuid NOT NULL,
	"role" text NOT NULL,
	"organisation_id" text,
	CONSTRAINT "person_role_unique" UNIQUE NULLS NOT DISTINCT("site_id","person_id","role","organisation_id")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"created_at" timestamptz NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"revoked_at" timestamptz,
	CONSTRAINT "session_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "vehicle" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"plate" text NOT NULL,
	"plate_class" text NOT NULL,
	"verified_at" timestamptz,
	CONSTRAINT "vehicle_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "calendar_day" (
	"site_id" integer NOT NULL,
	"date" date NOT NULL,
	"kind" text NOT NULL,
	"name" jsonb,
	"source" text NOT NULL,
	"status" text NOT NULL,
	CONSTRAINT "calendar_day_site_id_date_pk" PRIMARY KEY("site_id","date")
);
--> statement-breakpoint
CREATE TABLE "organisation" (
	"site_id" integer NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"name" jsonb NOT NULL,
	CONSTRAINT "organisation_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "resource" (
	"site_id" integer NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"parent_id" text,
	"organisation_id" text NOT NULL,
	"name" jsonb NOT NULL,
	"place" jsonb,
	"facts" jsonb NOT NULL,
	"sort" smallint DEFAULT 0 NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "resource_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "schedule" (
	"site_id" integer NOT NULL,
	"id" text NOT NULL,
	"resource_id" text NOT NULL,
	"basis" text NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"capacity" integer NOT NULL,
	"price_fen" integer DEFAULT 0 NOT NULL,
	"published_from" date,
	"published_to" date,
	"rule" jsonb NOT NULL,
	CONSTRAINT "schedule_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "schedule_capacity_not_negative" CHECK ("schedule"."capacity" >= 0),
	CONSTRAINT "schedule_price_not_negative" CHECK ("schedule"."price_fen" >= 0),
	CONSTRAINT "schedule_validity_in_order" CHECK ("schedule"."valid_to" is null or "schedule"."valid_from" <= "schedule"."valid_to")
);
--> statement-breakpoint
CREATE TABLE "site" (
	"id" integer PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"time_zone" text NOT NULL,
	"currency" text NOT NULL,
	CONSTRAINT "site_code_unique" UNIQUE("code")
);
--> statement-breakpoint
ALTER TABLE "allotment_draw" ADD CONSTRAINT "allotment_draw_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "booking" ADD CONSTRAINT "booking_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "booking_line" ADD CONSTRAINT "booking_line_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "booking_line" ADD CONSTRAINT "booking_line_slot" FOREIGN KEY ("site_id","slot_id") REFERENCES "public"."slot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_entry" ADD CONSTRAINT "waitlist_entry_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_entry" ADD CONSTRAINT "waitlist_entry_offer" FOREIGN KEY ("site_id","offer_booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_slot" ADD CONSTRAINT "waitlist_slot_entry" FOREIGN KEY ("site_id","entry_id") REFERENCES "public"."waitlist_entry"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_slot" ADD CONSTRAINT "waitlist_slot_slot" FOREIGN KEY ("site_id","slot_id") REFERENCES "public"."slot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "allotment" ADD CONSTRAINT "allotment_slot" FOREIGN KEY ("site_id","slot_id") REFERENCES "public"."slot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "allotment" ADD CONSTRAINT "allotment_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slot" ADD CONSTRAINT "slot_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_entry" ADD CONSTRAINT "transfer_entry_transfer" FOREIGN KEY ("site_id","transfer_id") REFERENCES "public"."transfer"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_entry" ADD CONSTRAINT "transfer_entry_account" FOREIGN KEY ("site_id","account_id") REFERENCES "public"."account"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "child" ADD CONSTRAINT "child_guardian" FOREIGN KEY ("site_id","guardian_id") REFERENCES "public"."person"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "one_time_code" ADD CONSTRAINT "one_time_code_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_role" ADD CONSTRAINT "person_role_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_role" ADD CONSTRAINT "person_role_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vehicle" ADD CONSTRAINT "vehicle_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calendar_day" ADD CONSTRAINT "calendar_day_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource" ADD CONSTRAINT "resource_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource" ADD CONSTRAINT "resource_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource" ADD CONSTRAINT "resource_parent" FOREIGN KEY ("site_id","parent_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule" ADD CONSTRAINT "schedule_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule" ADD CONSTRAINT "schedule_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "booking_by_person" ON "booking" USING btree ("site_id","person_id","starts_at");--> statement-breakpoint
CREATE INDEX "booking_hold_expiring" ON "booking" USING btree ("expires_at") WHERE "booking"."state" = 'held';--> statement-breakpoint
CREATE INDEX "booking_by_bundle" ON "booking" USING btree ("site_id","bundle_id") WHERE "booking"."bundle_id" is not null;--> statement-breakpoint
CREATE INDEX "booking_line_by_slot" ON "booking_line" USING btree ("site_id","slot_id");--> statement-breakpoint
CREATE INDEX "claim_by_booking" ON "claim" USING btree ("site_id","booking_id");--> statement-breakpoint
CREATE INDEX "idempotency_key_by_age" ON "idempotency_key" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "waitlist_entry_by_person" ON "waitlist_entry" USING btree ("site_id","person_id","id");--> statement-breakpoint
CREATE INDEX "waitlist_entry_by_offer" ON "waitlist_entry" USING btree ("site_id","offer_booking_id");--> statement-breakpoint
CREATE INDEX "waitlist_entry_closing" ON "waitlist_entry" USING btree ("closes_at") WHERE "waitlist_entry"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "waitlist_slot_by_entry" ON "waitlist_slot" USING btree ("site_id","entry_id");--> statement-breakpoint
CREATE INDEX "event_by_booking" ON "event" USING btree ("site_id","booking_id");--> statement-breakpoint
CREATE INDEX "slot_by_kind_and_date" ON "slot" USING btree ("site_id","kind","service_date");--> statement-breakpoint
CREATE INDEX "transfer_by_booking" ON "transfer" USING btree ("site_id","booking_id");--> statement-breakpoint
CREATE INDEX "transfer_entry_by_account" ON "transfer_entry" USING btree ("site_id","account_id");--> statement-breakpoint
CREATE INDEX "child_by_guardian" ON "child" USING btree ("site_id","guardian_id");--> statement-breakpoint
CREATE INDEX "session_by_person" ON "session" USING btree ("site_id","person_id");--> statement-breakpoint
CREATE INDEX "session_by_expiry" ON "session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "vehicle_by_person" ON "vehicle" USING btree ("site_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "vehicle_plate_verified_once" ON "vehicle" USING btree ("site_id","plate") WHERE "vehicle"."verified_at" is not null;--> statement-breakpoint
CREATE INDEX "resource_by_kind" ON "resource" USING btree ("site_id","kind","sort");--> statement-breakpoint
CREATE INDEX "resource_by_parent" ON "resource" USING btree ("site_id","parent_id");--> statement-breakpoint
CREATE INDEX "schedule_by_resource" ON "schedule" USING btree ("site_id","resource_id");