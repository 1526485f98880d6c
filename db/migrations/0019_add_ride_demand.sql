CREATE TABLE "ride_demand" (
	"site_id" integer NOT NULL,
	"service_date" date NOT NULL,
	"quarter" smallint NOT NULL,
	"from_stop_id" text NOT NULL,
	"to_stop_id" text NOT NULL,
	"kind" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "ride_demand_once_per_quarter" PRIMARY KEY("site_id","service_date","quarter","from_stop_id","to_stop_id","kind"),
	CONSTRAINT "ride_demand_of_a_day" CHECK ("ride_demand"."quarter" between 0 and 95),
	CONSTRAINT "ride_demand_counts_somebody" CHECK ("ride_demand"."count" > 0)
);
--> statement-breakpoint
ALTER TABLE "shuttle_line" ADD COLUMN "advisor" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "waitlist_entry_by_kind" ON "waitlist_entry" USING btree ("site_id","kind","closes_at");