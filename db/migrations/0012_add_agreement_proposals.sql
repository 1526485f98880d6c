CREATE TABLE "agreement_proposal" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"resource_id" text,
	"lot_id" text NOT NULL,
	"lender_id" text NOT NULL,
	"beneficiary_id" text,
	"terms" jsonb NOT NULL,
	"replaced" jsonb,
	"reason" text NOT NULL,
	"effective_from" date NOT NULL,
	"state" text NOT NULL,
	"side" text NOT NULL,
	"proposed_at" timestamptz NOT NULL,
	"proposed_by" uuid NOT NULL,
	"proposed_role" text NOT NULL,
	"closed_at" timestamptz,
	"closed_by" uuid,
	"closed_role" text,
	"closed_reason" text,
	"change_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "agreement_proposal_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "agreement_proposal_open_until_closed" CHECK (("agreement_proposal"."state" = 'open') = ("agreement_proposal"."closed_at" is null)),
	CONSTRAINT "agreement_proposal_in_force_somewhere" CHECK ("agreement_proposal"."state" <> 'in-force' or "agreement_proposal"."resource_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "agreement_suspension" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"resource_id" text NOT NULL,
	"from_date" date NOT NULL,
	"to_date" date NOT NULL,
	"reason" text NOT NULL,
	"side" text NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"change_id" uuid,
	"resumed_from" date,
	"resumed_at" timestamptz,
	"resumed_by" uuid,
	"resumed_role" text,
	CONSTRAINT "agreement_suspension_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "agreement_suspension_in_order" CHECK ("agreement_suspension"."from_date" <= "agreement_suspension"."to_date")
);
--> statement-breakpoint
CREATE TABLE "agreement_withdrawal" (
	"site_id" integer NOT NULL,
	"change_id" uuid NOT NULL,
	"resource_id" text NOT NULL,
	"from_date" date NOT NULL,
	"to_date" date NOT NULL,
	"spaces" integer NOT NULL,
	"is_override" boolean NOT NULL,
	CONSTRAINT "agreement_withdrawal_site_id_change_id_pk" PRIMARY KEY("site_id","change_id"),
	CONSTRAINT "agreement_withdrawal_spaces_positive" CHECK ("agreement_withdrawal"."spaces" > 0)
);
--> statement-breakpoint
ALTER TABLE "agreement_proposal" ADD CONSTRAINT "agreement_proposal_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement_proposal" ADD CONSTRAINT "agreement_proposal_lot" FOREIGN KEY ("site_id","lot_id") REFERENCES "public"."parking_lot"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement_proposal" ADD CONSTRAINT "agreement_proposal_lender" FOREIGN KEY ("site_id","lender_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement_suspension" ADD CONSTRAINT "agreement_suspension_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement_withdrawal" ADD CONSTRAINT "agreement_withdrawal_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "agreement_proposal_one_open" ON "agreement_proposal" USING btree ("site_id","resource_id") WHERE "agreement_proposal"."state" = 'open';--> statement-breakpoint
CREATE INDEX "agreement_proposal_by_lender" ON "agreement_proposal" USING btree ("site_id","lender_id","id");--> statement-breakpoint
CREATE INDEX "agreement_proposal_by_beneficiary" ON "agreement_proposal" USING btree ("site_id","beneficiary_id","id");--> statement-breakpoint
CREATE INDEX "agreement_proposal_by_resource" ON "agreement_proposal" USING btree ("site_id","resource_id","id");--> statement-breakpoint
CREATE INDEX "agreement_suspension_by_resource" ON "agreement_suspension" USING btree ("site_id","resource_id","id");--> statement-breakpoint
CREATE INDEX "agreement_withdrawal_by_resource" ON "agreement_withdrawal" USING btree ("site_id","resource_id","change_id");