"""What happened: records that nothing in the program can change, and proofs of them. Imports nothing of ours.

Writing, inside a transaction that has `SET LOCAL texting.org_id` to the record's organization::

    from audit.actions import Action
    from audit.log import AuditLog
    from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target

    log = AuditLog(master_key, product_version="1.2.0")      # 32 bytes; one for the process
    record_id = await log.append(connection, Record(
        org_id=org_id, action=Action.USER_TEXTING_ENABLE, kind=AuditKind.CHANGE, outcome=AuditOutcome.ALLOWED,
        actor=Actor(subject="acct-7", name=Erasable("Ada", ada_id), roles=("ORG_ADMIN",), user_id=ada_id),
        target=Target(type="User", id=user_id, name=Erasable("Bob", user_id), version=3),
        occurred_at=now, before={"texting": "INHERIT"}, after={"texting": "ON"}, reason="asked for by phone",
        request=Request(id=tracking_id, operation="setUserTexting", ip=ip, user_agent=user_agent)))
    record_ids = await log.append_many(connection, records)  # one organization; any number

* A denial or failure has the same action as the success, `outcome` DENIED or FAILED, `kind` DENIAL or FAILURE.
* `Record.id` may be given when a row must name its record first: `audit.ids.record_ids([milliseconds(now)])[0]`.
* Names, e-mails, numbers and bodies go in as `Erasable(value, subject)`: anywhere in `before` and `after`, as actor
  name, target name, reason or status detail. An outsider's number has `log.pseudonym(org_id, number)` as its subject.
* `before` and `after` are JSON without floats; `audit.canonical.CanonicalError` (a ValueError with `.path`, `.problem`)
  refuses the rest. Check free JSON from outside early with `audit.canonical.canonical_free(value, path="evidence")`.
* `audit.entry.EntryTooLarge` (a ValueError): more than 65,535 bytes.

Reading, as `texting_app` with the tenant set (row security shows that organization alone)::

    SELECT org_id, id, entry FROM audit.record                     -- projected columns: audit.tables.AuditRecordTable
    WHERE org_id = $1 AND action = ANY ($2) AND id < $3 ORDER BY id DESC LIMIT 51

* The keyset is `id`: a uuidv7 of `occurred_at`, so a range of times is a range of ids.
* Filters: `actor, action, kind, outcome, target_type, target_id, location_id, rule, request_id, correlation_id`;
  `involves` through `audit.involvement (org_id, subject_id, record_id)`, which is in page order itself.
* Leaf index: `audit.leaf (org_id, leaf_index, record_id)`; no row means pending. Newest checkpoint: `audit.checkpoint`.
* `audit.render.Renderer(master_key).render(rows, disclosures, may_see=may_see_all)` gives `RecordView`s, where
  `disclosures` are the rows of `audit.render.DISCLOSURES` for `(org_id, record ids)`.

In the database: `audit.ensure_partitions(months_ahead)` and `audit.strays()` for the worker at start and daily.
"""
