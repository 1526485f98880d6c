CREATE TABLE "service_alert" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"line_id" text NOT NULL,
	"cause" text NOT NULL,
	"effect" text NOT NULL,
	"title" jsonb NOT NULL,
	"text" jsonb,
	"starts_at" timestamptz NOT NULL,
	"ends_at" timestamptz,
	"run_ids" text[] DEFAULT '{}' NOT NULL,
	"stop_ids" text[] DEFAULT '{}' NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"ended_at" timestamptz,
	"ended_by" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "service_alert_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "service_alert_starts_before_it_ends" CHECK ("service_alert"."ends_at" is null or "service_alert"."starts_at" < "service_alert"."ends_at"),
	CONSTRAINT "service_alert_ended_by_somebody" CHECK (num_nonnulls("service_alert"."ended_at", "service_alert"."ended_by") in (0, 2))
);
--> statement-breakpoint
ALTER TABLE "service_alert" ADD CONSTRAINT "service_alert_line" FOREIGN KEY ("site_id","line_id") REFERENCES "public"."shuttle_line"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "service_alert_not_ended" ON "service_alert" USING btree ("site_id","starts_at","id") WHERE "service_alert"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "service_alert_by_time" ON "service_alert" USING btree ("site_id","at","id");