CREATE TABLE "roster_import" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"organisation_id" text NOT NULL,
	"file_name" text NOT NULL,
	"mode" text NOT NULL,
	"actor_id" uuid NOT NULL,
	"at" timestamptz NOT NULL,
	"added" integer NOT NULL,
	"changed" integer NOT NULL,
	"unchanged" integer NOT NULL,
	"removed" integer NOT NULL,
	"refused" integer NOT NULL,
	"verified" integer NOT NULL,
	"unverified" integer NOT NULL,
	"report" jsonb NOT NULL,
	"before" jsonb NOT NULL,
	"undone_at" timestamptz,
	"undone_by" uuid,
	CONSTRAINT "roster_import_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "roster_vehicle" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"organisation_id" text NOT NULL,
	"plate" text NOT NULL,
	"phone" text,
	"note" text DEFAULT '' NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"added_by" uuid NOT NULL,
	"added_at" timestamptz NOT NULL,
	"import_id" uuid,
	CONSTRAINT "roster_vehicle_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "roster_plate_once" UNIQUE("site_id","organisation_id","plate"),
	CONSTRAINT "roster_vehicle_dates_in_order" CHECK ("roster_vehicle"."valid_to" is null or "roster_vehicle"."valid_from" <= "roster_vehicle"."valid_to")
);
--> statement-breakpoint
CREATE TABLE "vehicle_plate" (
	"site_id" integer NOT NULL,
	"vehicle_id" uuid NOT NULL,
	"plate" text NOT NULL,
	"valid_from" timestamptz NOT NULL,
	"valid_to" timestamptz,
	CONSTRAINT "vehicle_plate_site_id_vehicle_id_valid_from_pk" PRIMARY KEY("site_id","vehicle_id","valid_from"),
	CONSTRAINT "vehicle_plate_times_in_order" CHECK ("vehicle_plate"."valid_to" is null or "vehicle_plate"."valid_from" <= "vehicle_plate"."valid_to")
);
--> statement-breakpoint
ALTER TABLE "vehicle" ADD COLUMN "removed_at" timestamptz;--> statement-breakpoint
ALTER TABLE "roster_import" ADD CONSTRAINT "roster_import_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roster_import" ADD CONSTRAINT "roster_import_actor" FOREIGN KEY ("site_id","actor_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roster_vehicle" ADD CONSTRAINT "roster_vehicle_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vehicle_plate" ADD CONSTRAINT "vehicle_plate_vehicle" FOREIGN KEY ("site_id","vehicle_id") REFERENCES "public"."vehicle"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "roster_import_by_organisation" ON "roster_import" USING btree ("site_id","organisation_id","id");--> statement-breakpoint
CREATE INDEX "roster_vehicle_by_organisation" ON "roster_vehicle" USING btree ("site_id","organisation_id","id");--> statement-breakpoint
CREATE INDEX "roster_vehicle_by_plate" ON "roster_vehicle" USING btree ("site_id","plate");--> statement-breakpoint
CREATE INDEX "roster_vehicle_by_phone" ON "roster_vehicle" USING btree ("site_id","phone");--> statement-breakpoint
CREATE INDEX "roster_vehicle_beginning" ON "roster_vehicle" USING btree ("site_id","valid_from") WHERE "roster_vehicle"."valid_from" is not null;--> statement-breakpoint
CREATE INDEX "roster_vehicle_ending" ON "roster_vehicle" USING btree ("site_id","valid_to") WHERE "roster_vehicle"."valid_to" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "vehicle_plate_one_at_a_time" ON "vehicle_plate" USING btree ("site_id","vehicle_id") WHERE "vehicle_plate"."valid_to" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "vehicle_plate_once_per_person" ON "vehicle" USING btree ("site_id","person_id","plate") WHERE "vehicle"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "vehicle_by_plate" ON "vehicle" USING btree ("site_id","plate") WHERE "vehicle"."removed_at" is null;--> statement-breakpoint
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE "vehicle" ADD CONSTRAINT "vehicle_removed_is_unverified" CHECK ("vehicle"."removed_at" is null or "vehicle"."verified_at" is null);