CREATE TABLE "overstay" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"booking_id" uuid NOT NULL,
	"leave_by" timestamptz NOT NULL,
	"person_id" uuid NOT NULL,
	"resource_id" text NOT NULL,
	"organisation_id" text NOT NULL,
	"opened_at" timestamptz NOT NULL,
	"ended_at" timestamptz,
	"minutes_late" integer NOT NULL,
	"charge_fen" integer NOT NULL,
	"terms" jsonb NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"voided_at" timestamptz,
	"appealed_at" timestamptz,
	"appeal" text,
	"decided_at" timestamptz,
	"decided_by" uuid,
	"decision" text,
	"waived_at" timestamptz,
	"waived_by" uuid,
	"waiver" text,
	"commented_at" timestamptz,
	"commented_by" uuid,
	"comment" text,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "overstay_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "overstay_once_per_stay" UNIQUE("site_id","booking_id","leave_by"),
	CONSTRAINT "overstay_ends_after_leave_by" CHECK ("overstay"."ended_at" > "overstay"."leave_by"),
	CONSTRAINT "overstay_figures_not_negative" CHECK ("overstay"."minutes_late" >= 0 and "overstay"."charge_fen" >= 0),
	CONSTRAINT "overstay_appeal_has_words" CHECK (("overstay"."appealed_at" is null) = ("overstay"."appeal" is null)),
	CONSTRAINT "overstay_decided_by_somebody_for_a_reason" CHECK (num_nonnulls("overstay"."decided_at", "overstay"."decided_by", "overstay"."decision") in (0, 3)),
	CONSTRAINT "overstay_waived_by_somebody_for_a_reason" CHECK (num_nonnulls("overstay"."waived_at", "overstay"."waived_by", "overstay"."waiver") in (0, 3)),
	CONSTRAINT "overstay_commented_by_somebody" CHECK (num_nonnulls("overstay"."commented_at", "overstay"."commented_by", "overstay"."comment") in (0, 3)),
	CONSTRAINT "overstay_decided_after_appeal" CHECK ("overstay"."decided_at" is null or "overstay"."appealed_at" is not null),
	CONSTRAINT "overstay_state_says_what_was_done" CHECK (case "overstay"."state"
        when 'open' then "overstay"."appealed_at" is null and "overstay"."waived_at" is null
        when 'appealed' then "overstay"."appealed_at" is not null and "overstay"."decided_at" is null and "overstay"."waived_at" is null
        when 'waived' then "overstay"."waived_at" is not null
        else "overstay"."decided_at" is not null and "overstay"."waived_at" is null end)
);
--> statement-breakpoint
CREATE TABLE "stay_watch" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"due_at" timestamptz NOT NULL,
	CONSTRAINT "stay_watch_site_id_booking_id_pk" PRIMARY KEY("site_id","booking_id")
);
--> statement-breakpoint
ALTER TABLE "notice" DROP CONSTRAINT "notice_once_per_booking";--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "occasion" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "overstay" ADD CONSTRAINT "overstay_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overstay" ADD CONSTRAINT "overstay_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overstay" ADD CONSTRAINT "overstay_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "overstay_by_person" ON "overstay" USING btree ("site_id","person_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "overstay_by_time" ON "overstay" USING btree ("site_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "overstay_by_lender" ON "overstay" USING btree ("site_id","organisation_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "overstay_by_resource" ON "overstay" USING btree ("site_id","resource_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "overstay_inside" ON "overstay" USING btree ("site_id","opened_at","id") WHERE "overstay"."ended_at" is null and "overstay"."voided_at" is null;--> statement-breakpoint
CREATE INDEX "overstay_appealed" ON "overstay" USING btree ("site_id","opened_at","id") WHERE "overstay"."state" = 'appealed' and "overstay"."voided_at" is null;--> statement-breakpoint
CREATE INDEX "stay_watch_due" ON "stay_watch" USING btree ("site_id","due_at");--> statement-breakpoint
-- Notices are kept for 90 days only: the index is made in moments.
-- squawk-ignore constraint-missing-not-valid, disallowed-unique-constraint
ALTER TABLE "notice" ADD CONSTRAINT "notice_once_per_booking" UNIQUE("site_id","booking_id","kind","occasion");
--> statement-breakpoint
-- Whatever changes who is in a lot has the stay looked at again, whoever wrote it.
CREATE FUNCTION stay_presence_is_watched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stay_watch (site_id, booking_id, due_at) VALUES (NEW.site_id, NEW.booking_id, 'epoch')
  ON CONFLICT (site_id, booking_id) DO UPDATE SET due_at = excluded.due_at;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER stay_presence_is_watched AFTER INSERT OR UPDATE ON "stay_presence"
  FOR EACH ROW EXECUTE FUNCTION stay_presence_is_watched();
--> statement-breakpoint
INSERT INTO stay_watch (site_id, booking_id, due_at) SELECT site_id, booking_id, 'epoch' FROM stay_presence;
