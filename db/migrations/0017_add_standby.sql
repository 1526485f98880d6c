CREATE TABLE "no_show_excuse" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"undone_at" timestamptz,
	"undone_by" uuid,
	CONSTRAINT "no_show_excuse_site_id_booking_id_pk" PRIMARY KEY("site_id","booking_id")
);
--> statement-breakpoint
CREATE TABLE "standby" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "standby_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" uuid NOT NULL,
	"run_id" text NOT NULL,
	"service_date" date NOT NULL,
	"board_stop_id" text NOT NULL,
	"alight_stop_id" text NOT NULL,
	"seats" smallint NOT NULL,
	"state" text NOT NULL,
	"joined_at" timestamptz NOT NULL,
	"changed_at" timestamptz NOT NULL,
	"booking_id" uuid,
	CONSTRAINT "standby_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "standby_has_seats" CHECK ("standby"."seats" > 0),
	CONSTRAINT "standby_admitted_has_booking" CHECK (("standby"."state" = 'admitted') = ("standby"."booking_id" is not null))
);
--> statement-breakpoint
ALTER TABLE "booking_line" DROP CONSTRAINT "booking_line_units_positive";--> statement-breakpoint
ALTER TABLE "booking_line" ADD COLUMN "yielded" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "slot" ADD COLUMN "yields_at" timestamptz;--> statement-breakpoint
ALTER TABLE "no_show_excuse" ADD CONSTRAINT "no_show_excuse_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standby" ADD CONSTRAINT "standby_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standby" ADD CONSTRAINT "standby_run" FOREIGN KEY ("site_id","run_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "standby" ADD CONSTRAINT "standby_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "standby_once_per_run" ON "standby" USING btree ("site_id","run_id","service_date","person_id") WHERE "standby"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "standby_by_person" ON "standby" USING btree ("site_id","person_id","id");--> statement-breakpoint
CREATE INDEX "slot_yielding" ON "slot" USING btree ("site_id","yields_at") WHERE "slot"."yields_at" is not null;--> statement-breakpoint
-- Every line there is holds units, as the constraint before said: nothing to look at.
ALTER TABLE "booking_line" ADD CONSTRAINT "booking_line_units_or_yielded" CHECK ("booking_line"."units" >= 0 and "booking_line"."yielded" >= 0 and "booking_line"."units" + "booking_line"."yielded" > 0) NOT VALID;
