CREATE TABLE "run_day_change" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"run_id" text NOT NULL,
	"service_date" date NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"departs_before" text,
	"direction_before" text,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"change_id" uuid,
	"undone_at" timestamptz,
	"undone_by" uuid,
	CONSTRAINT "run_day_change_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "shuttle_line" (
	"site_id" integer NOT NULL,
	"id" text NOT NULL,
	"organisation_id" text NOT NULL,
	"name" jsonb NOT NULL,
	"buses" smallint NOT NULL,
	"cycle_minutes" smallint NOT NULL,
	"runs_per_day" smallint NOT NULL,
	CONSTRAINT "shuttle_line_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "shuttle_line_has_buses" CHECK ("shuttle_line"."buses" > 0 and "shuttle_line"."cycle_minutes" > 0 and "shuttle_line"."runs_per_day" > 0)
);
--> statement-breakpoint
CREATE TABLE "shuttle_stop" (
	"site_id" integer NOT NULL,
	"line_id" text NOT NULL,
	"id" text NOT NULL,
	"position" smallint NOT NULL,
	"name" jsonb NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	"offset_minutes" smallint NOT NULL,
	CONSTRAINT "shuttle_stop_site_id_line_id_id_pk" PRIMARY KEY("site_id","line_id","id"),
	CONSTRAINT "shuttle_stop_once_per_position" UNIQUE("site_id","line_id","position")
);
--> statement-breakpoint
CREATE TABLE "vehicle_position" (
	"site_id" integer NOT NULL,
	"run_id" text NOT NULL,
	"service_date" date NOT NULL,
	"at" timestamptz NOT NULL,
	"lat" double precision NOT NULL,
	"lng" double precision NOT NULL,
	"bearing" double precision,
	"metres_per_second" double precision,
	CONSTRAINT "vehicle_position_site_id_service_date_run_id_pk" PRIMARY KEY("site_id","service_date","run_id"),
	CONSTRAINT "vehicle_position_on_earth" CHECK ("vehicle_position"."lat" between -90 and 90 and "vehicle_position"."lng" between -180 and 180)
);
--> statement-breakpoint
ALTER TABLE "run_day_change" ADD CONSTRAINT "run_day_change_run" FOREIGN KEY ("site_id","run_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shuttle_line" ADD CONSTRAINT "shuttle_line_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shuttle_stop" ADD CONSTRAINT "shuttle_stop_line" FOREIGN KEY ("site_id","line_id") REFERENCES "public"."shuttle_line"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vehicle_position" ADD CONSTRAINT "vehicle_position_run" FOREIGN KEY ("site_id","run_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_day_change_by_date" ON "run_day_change" USING btree ("site_id","service_date","run_id","at");