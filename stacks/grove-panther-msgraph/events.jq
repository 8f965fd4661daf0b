# A record of Grove's, which is GitHub's with `_grove` added, as an event of the contract (OCSF 1.8.0, API Activity).
._grove.identity as $organization
| first($connections.apps | to_entries[] | select(.value.organization? == $organization)).key as $instance
| {
    kind: "event",
    body: {
      class_uid: 6003,
      category_uid: 6,
      activity_id: 99,
      type_uid: 600399,
      severity_id: 1,
      time: .["@timestamp"],
      metadata: {
        version: "1.8.0",
        product: {name: "GitHub", vendor_name: "GitHub"},
        uid: ._document_id,
        tenant_uid: $instance,
        log_name: "audit_log",
        event_code: .action,
      },
      actor: {user: {uid: (.actor_id | if . then tostring else null end), name: .actor, email_addr: .external_identity_nameid}},
      api: {operation: .action},
      src_endpoint: {ip: .actor_ip, svc_name: "GitHub"},
    },
  }
