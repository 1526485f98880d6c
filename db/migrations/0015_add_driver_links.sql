CREATE TABLE "boarding_count" (
	"site_id" integer NOT NULL,
	"run_id" text NOT NULL,
	"service_date" date NOT NULL,
	"nonce" text NOT NULL,
	"stop_id" text NOT NULL,
	"without_ticket" smallint NOT NULL,
	"alighted" smallint NOT NULL,
	"at" timestamptz NOT NULL,
	"recorded_at" timestamptz NOT NULL,
	"driver_link_id" uuid NOT NULL,
	CONSTRAINT "boarding_count_site_id_run_id_service_date_nonce_pk" PRIMARY KEY("site_id","run_id","service_date","nonce"),
	CONSTRAINT "boarding_count_counts" CHECK ("boarding_count"."without_ticket" <> 0 or "boarding_count"."alighted" <> 0)
);
--> statement-breakpoint
CREATE TABLE "driver_link" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"run_id" text NOT NULL,
	"service_date" date NOT NULL,
	"created_at" timestamptz NOT NULL,
	"created_by" uuid NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"revoked_at" timestamptz,
	"revoked_by" uuid,
	CONSTRAINT "driver_link_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
-- A driver has no account; check_in_by_one says that every check-in has somebody who scanned.
-- squawk-ignore ban-drop-not-null
ALTER TABLE "check_in" ALTER COLUMN "actor_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "check_in" ADD COLUMN "driver_link_id" uuid;--> statement-breakpoint
ALTER TABLE "boarding_count" ADD CONSTRAINT "boarding_count_driver_link" FOREIGN KEY ("site_id","driver_link_id") REFERENCES "public"."driver_link"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "driver_link" ADD CONSTRAINT "driver_link_run" FOREIGN KEY ("site_id","run_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "driver_link" ADD CONSTRAINT "driver_link_maker" FOREIGN KEY ("site_id","created_by") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "driver_link_by_run" ON "driver_link" USING btree ("site_id","run_id","service_date","created_at");--> statement-breakpoint
ALTER TABLE "check_in" ADD CONSTRAINT "check_in_driver_link" FOREIGN KEY ("site_id","driver_link_id") REFERENCES "public"."driver_link"("site_id","id") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
ALTER TABLE "check_in" ADD CONSTRAINT "check_in_by_one" CHECK (num_nonnulls("check_in"."actor_id", "check_in"."driver_link_id") = 1) NOT VALID;