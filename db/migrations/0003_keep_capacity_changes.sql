CREATE TABLE "capacity_change" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"reason" text NOT NULL,
	"undoes" uuid,
	"summary" jsonb NOT NULL,
	"receipt" jsonb NOT NULL,
	CONSTRAINT "capacity_change_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "capacity_change_resource" (
	"site_id" integer NOT NULL,
	"resource_id" text NOT NULL,
	"change_id" uuid NOT NULL,
	CONSTRAINT "capacity_change_resource_site_id_resource_id_change_id_pk" PRIMARY KEY("site_id","resource_id","change_id")
);
--> statement-breakpoint
ALTER TABLE "capacity_change" ADD CONSTRAINT "capacity_change_actor" FOREIGN KEY ("site_id","actor_id") REFERENCES "public"."person"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "capacity_change_resource" ADD CONSTRAINT "capacity_change_resource_change" FOREIGN KEY ("site_id","change_id") REFERENCES "public"."capacity_change"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "capacity_change_resource" ADD CONSTRAINT "capacity_change_resource_resource" FOREIGN KEY ("site_id","resource_id") REFERENCES "public"."resource"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "capacity_change_undone_once" ON "capacity_change" USING btree ("site_id","undoes") WHERE "capacity_change"."undoes" is not null;--> statement-breakpoint
CREATE INDEX "capacity_change_resource_by_change" ON "capacity_change_resource" USING btree ("site_id","change_id");