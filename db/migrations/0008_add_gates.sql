CREATE TABLE "gate_event" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "gate_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"lot_id" text NOT NULL,
	"serial" text NOT NULL,
	"event" text NOT NULL,
	"kind" text NOT NULL,
	"plate" text NOT NULL,
	"at" timestamptz NOT NULL,
	"received_at" timestamptz NOT NULL,
	"state" text NOT NULL,
	"booking_id" uuid,
	"resolved_by" uuid,
	"resolved_at" timestamptz,
	"reason" text,
	CONSTRAINT "gate_event_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "gate_event_once" UNIQUE("site_id","lot_id","serial","event"),
	CONSTRAINT "gate_event_matched_has_booking" CHECK (("gate_event"."state" = 'matched') = ("gate_event"."booking_id" is not null)),
	CONSTRAINT "gate_event_dismissed_has_reason" CHECK (("gate_event"."state" = 'dismissed') = ("gate_event"."reason" is not null)),
	CONSTRAINT "gate_event_resolved_by_somebody" CHECK (("gate_event"."resolved_by" is null) = ("gate_event"."resolved_at" is null))
);
--> statement-breakpoint
CREATE TABLE "gate_push" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"lot_id" text NOT NULL,
	"booking_id" uuid NOT NULL,
	"plate" text NOT NULL,
	"starts_at" timestamptz NOT NULL,
	"ends_at" timestamptz NOT NULL,
	"action" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamptz NOT NULL,
	"last_error" text,
	"changed_at" timestamptz NOT NULL,
	CONSTRAINT "gate_push_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "gate_push_starts_before_it_ends" CHECK ("gate_push"."starts_at" < "gate_push"."ends_at"),
	CONSTRAINT "gate_push_attempts_not_negative" CHECK ("gate_push"."attempts" >= 0)
);
--> statement-breakpoint
CREATE TABLE "stay_presence" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"lot_id" text NOT NULL,
	"entered_at" timestamptz,
	"last_in_at" timestamptz,
	"left_at" timestamptz,
	"is_inside" boolean NOT NULL,
	CONSTRAINT "stay_presence_site_id_booking_id_pk" PRIMARY KEY("site_id","booking_id"),
	CONSTRAINT "stay_presence_inside_or_left" CHECK ("stay_presence"."is_inside" = ("stay_presence"."left_at" is null)),
	CONSTRAINT "stay_presence_inside_came_in" CHECK (not "stay_presence"."is_inside" or "stay_presence"."last_in_at" is not null),
	CONSTRAINT "stay_presence_first_in_before_last" CHECK ("stay_presence"."entered_at" <= "stay_presence"."last_in_at")
);
--> statement-breakpoint
ALTER TABLE "gate_event" ADD CONSTRAINT "gate_event_lot" FOREIGN KEY ("site_id","lot_id") REFERENCES "public"."parking_lot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gate_push" ADD CONSTRAINT "gate_push_lot" FOREIGN KEY ("site_id","lot_id") REFERENCES "public"."parking_lot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "gate_event_by_booking" ON "gate_event" USING btree ("site_id","booking_id") WHERE "gate_event"."booking_id" is not null;--> statement-breakpoint
CREATE INDEX "gate_event_unmatched" ON "gate_event" USING btree ("site_id","lot_id","id") WHERE "gate_event"."state" = 'unmatched';--> statement-breakpoint
CREATE INDEX "gate_event_unmatched_by_plate" ON "gate_event" USING btree ("site_id","lot_id","plate") WHERE "gate_event"."state" = 'unmatched';--> statement-breakpoint
CREATE INDEX "gate_event_by_age" ON "gate_event" USING brin ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "gate_push_allowed_once" ON "gate_push" USING btree ("site_id","lot_id","booking_id","plate","starts_at","ends_at") WHERE "gate_push"."action" = 'allow';--> statement-breakpoint
CREATE INDEX "gate_push_waiting" ON "gate_push" USING btree ("site_id","next_at") WHERE "gate_push"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "gate_push_by_end" ON "gate_push" USING btree ("site_id","ends_at");--> statement-breakpoint
CREATE INDEX "stay_presence_inside" ON "stay_presence" USING btree ("site_id","lot_id") WHERE "stay_presence"."is_inside";