CREATE TABLE "check_in" (
	"site_id" integer NOT NULL,
	"booking_id" uuid NOT NULL,
	"nonce" text NOT NULL,
	"at" timestamptz NOT NULL,
	"recorded_at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	CONSTRAINT "check_in_site_id_booking_id_pk" PRIMARY KEY("site_id","booking_id"),
	CONSTRAINT "check_in_once_per_scan" UNIQUE("site_id","nonce")
);
--> statement-breakpoint
CREATE TABLE "notice" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "notice_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"booking_id" uuid NOT NULL,
	"at" timestamptz NOT NULL,
	"read_at" timestamptz,
	CONSTRAINT "notice_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "notice_once_per_booking" UNIQUE("site_id","booking_id","kind")
);
--> statement-breakpoint
CREATE TABLE "timer" (
	"site_id" integer NOT NULL,
	"name" text NOT NULL,
	"passed" timestamptz,
	CONSTRAINT "timer_site_id_name_pk" PRIMARY KEY("site_id","name")
);
--> statement-breakpoint
ALTER TABLE "slot" ADD COLUMN "check_in_from" timestamptz;--> statement-breakpoint
ALTER TABLE "slot" ADD COLUMN "check_in_until" timestamptz;--> statement-breakpoint
ALTER TABLE "slot" ADD COLUMN "counts_no_shows" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "slot" ADD COLUMN "remind_at" timestamptz;--> statement-breakpoint
ALTER TABLE "check_in" ADD CONSTRAINT "check_in_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "check_in" ADD CONSTRAINT "check_in_actor" FOREIGN KEY ("site_id","actor_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_person" FOREIGN KEY ("site_id","person_id") REFERENCES "public"."person"("site_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_booking" FOREIGN KEY ("site_id","booking_id") REFERENCES "public"."booking"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "timer" ADD CONSTRAINT "timer_site_id_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notice_by_person" ON "notice" USING btree ("site_id","person_id","id");--> statement-breakpoint
CREATE INDEX "notice_unread" ON "notice" USING btree ("site_id","person_id") WHERE "notice"."read_at" is null;--> statement-breakpoint
CREATE INDEX "notice_by_age" ON "notice" USING brin ("at");--> statement-breakpoint
CREATE INDEX "slot_counting_no_shows" ON "slot" USING btree ("site_id","check_in_until") WHERE "slot"."counts_no_shows";--> statement-breakpoint
CREATE INDEX "slot_reminding" ON "slot" USING btree ("site_id","remind_at") WHERE "slot"."remind_at" is not null;