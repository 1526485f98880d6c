CREATE TABLE "timetable_version" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"line_id" text NOT NULL,
	"valid_from" date NOT NULL,
	"reason" text NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"runs" jsonb NOT NULL,
	"receipt" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"undone_at" timestamptz,
	"undone_by" uuid,
	CONSTRAINT "timetable_version_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
ALTER TABLE "run_day_change" ADD COLUMN "departs_after" text;--> statement-breakpoint
ALTER TABLE "run_day_change" ADD COLUMN "direction_after" text;--> statement-breakpoint
ALTER TABLE "run_day_change" ADD COLUMN "receipt" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "timetable_version" ADD CONSTRAINT "timetable_version_line" FOREIGN KEY ("site_id","line_id") REFERENCES "public"."shuttle_line"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "timetable_version_once_per_date" ON "timetable_version" USING btree ("site_id","line_id","valid_from") WHERE "timetable_version"."undone_at" is null;