ALTER TABLE "event" ADD COLUMN "xact_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL;
--> statement-breakpoint
-- An event's id is drawn after its transaction's number, whatever the transaction did before: who reads the log may then take
-- an id as passed once every transaction that had a number when it was seen has ended.
CREATE FUNCTION event_draws_transaction_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER event_draws_transaction_first BEFORE INSERT ON "event"
  FOR EACH STATEMENT EXECUTE FUNCTION event_draws_transaction_first();
