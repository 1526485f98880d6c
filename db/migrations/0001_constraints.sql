-- What drizzle cannot say: the claim guard and the rule that money neither appears nor vanishes.
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
-- Invariant 2: one claimant is in one place at a time, per scope. The claimant comes first, since that is what tells claims apart.
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE "claim" ADD CONSTRAINT "claim_no_overlap"
  EXCLUDE USING gist ("claimant_id" WITH =, "during" WITH &&, "scope" WITH =, "site_id" WITH =);
--> statement-breakpoint
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE "claim" ADD CONSTRAINT "claim_takes_time" CHECK (NOT isempty("during"));
--> statement-breakpoint
-- Invariant 4: the entries of a transfer sum to zero, looked at when the transaction commits.
CREATE FUNCTION transfer_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_fen) FROM transfer_entry
      WHERE site_id = NEW.site_id AND transfer_id = NEW.transfer_id) <> 0 THEN
    RAISE EXCEPTION 'transfer % does not sum to zero', NEW.transfer_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_sums_to_zero';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER transfer_sums_to_zero AFTER INSERT OR UPDATE ON "transfer_entry"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION transfer_sums_to_zero();
--> statement-breakpoint
-- Entries and events are history: they are added, never changed.
CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER transfer_entry_append_only BEFORE UPDATE ON "transfer_entry"
  FOR EACH ROW EXECUTE FUNCTION history_is_append_only();
--> statement-breakpoint
CREATE TRIGGER event_append_only BEFORE UPDATE ON "event"
  FOR EACH ROW EXECUTE FUNCTION history_is_append_only();
