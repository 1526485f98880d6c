CREATE TABLE "parking_lot" (
	"site_id" integer NOT NULL,
	"id" text NOT NULL,
	"organisation_id" text NOT NULL,
	"kind" text NOT NULL,
	"name" jsonb NOT NULL,
	"lat" double precision,
	"lng" double precision,
	"spaces" integer NOT NULL,
	CONSTRAINT "parking_lot_site_id_id_pk" PRIMARY KEY("site_id","id"),
	CONSTRAINT "parking_lot_spaces_not_negative" CHECK ("parking_lot"."spaces" >= 0)
);
--> statement-breakpoint
ALTER TABLE "parking_lot" ADD CONSTRAINT "parking_lot_organisation" FOREIGN KEY ("site_id","organisation_id") REFERENCES "public"."organisation"("site_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Agreements that are there already say from now on which lot they lend of: one that is called after them, as large as they are.
INSERT INTO parking_lot (site_id, id, organisation_id, kind, name, lat, lng, spaces)
SELECT r.site_id, regexp_replace(r.id, '-(night|day)$', ''), r.organisation_id, r.facts->>'lotKind', coalesce(r.place->'name', r.name),
  (r.place->>'lat')::float8, (r.place->>'lng')::float8, max(s.capacity)
FROM resource r JOIN schedule s ON s.site_id = r.site_id AND s.resource_id = r.id
WHERE r.kind = 'parking' GROUP BY r.site_id, r.id ON CONFLICT DO NOTHING;
--> statement-breakpoint
UPDATE resource SET facts = facts || jsonb_build_object('lotId', regexp_replace(id, '-(night|day)$', ''))
WHERE kind = 'parking' AND NOT facts ? 'lotId';
