# The layout of every binary record of Hääl. The pages 02 to 10 say what it means; this file adds nothing to them.
#
# A record by itself is one of the types below. An entry of the log is the type `entry`; whoever reads one gives the w and the k
# of each contest of the ballot's district, in the order of the manifest (page 04). All points, scalars, hashes, keys and
# signatures are plain bytes here: whether they are canonical, no layout can say.
meta:
  id: haal_record
  title: Records of a Hääl election
  license: Apache-2.0
  ks-version: 0.9
  endian: be
params:
  - id: w
    type: u2[]
    doc: the encrypted integers of each part of a ballot
  - id: k
    type: u2[]
    doc: the bits of each part of a ballot
seq:
  - id: entry
    type: entry(w, k)
types:
  # Page 08: entries of the log.
  entry:
    params:
      - id: w
        type: u2[]
      - id: k
        type: u2[]
    instances:
      kind:
        pos: 0
        type: u1
        enum: entry_kind
    seq:
      - id: body
        type:
          switch-on: kind
          cases:
            entry_kind::manifest: manifest_entry
            entry_kind::order: order
            entry_kind::post: post
            entry_kind::batch: batch
            entry_kind::ballot: ballot_entry(w, k)
            entry_kind::challenged: challenged(w, k)
            entry_kind::closing: closing
  manifest_entry:
    seq:
      - id: magic
        contents: [1, 1]
      - id: election
        size: 32
      - id: num_signatures
        type: u1
      - id: signatures
        type: member_signature
        repeat: expr
        repeat-expr: num_signatures
  member_signature:
    seq:
      - id: member
        type: u1
      - id: signature
        size: 64
  post:
    seq:
      - id: magic
        contents: [3, 1]
      - id: role
        type: u1
        enum: role
      - id: author
        type: u2
      - id: kind
        type: u1
        enum: post_kind
      - id: blob
        size: 32
      - id: signature
        size: 64
  batch:
    seq:
      - id: magic
        contents: [4, 1]
      - id: time
        type: u8
      - id: count
        type: u4
  ballot_entry:
    params:
      - id: w
        type: u2[]
      - id: k
        type: u2[]
    seq:
      - id: magic
        contents: [5, 1]
      - id: envelope
        size: 32
      - id: ballot
        type: ballot(w, k)
  challenged:
    params:
      - id: w
        type: u2[]
      - id: k
        type: u2[]
    seq:
      - id: magic
        contents: [6, 1]
      - id: opened
        type: opened_ballot(w, k)
  closing:
    seq:
      - id: magic
        contents: [7, 1]
      - id: counted
        size: 32
      - id: closing_root
        size: 32
  # Page 03.
  order:
    seq:
      - id: magic
        contents: [2, 1]
      - id: number
        type: u4
      - id: kind
        type: u1
        enum: order_kind
      - id: time
        type: u8
      - id: value
        type: u8
      - id: argument
        size: 32
      - id: blob
        size: 32
      - id: num_signatures
        type: u1
      - id: signatures
        type: member_signature
        repeat: expr
        repeat-expr: num_signatures
  # Page 04.
  knowledge:
    seq:
      - id: t
        size: 32
      - id: z
        size: 32
  equality:
    seq:
      - id: t_1
        size: 32
      - id: t_2
        size: 32
      - id: z
        size: 32
  # Page 06.
  ballot:
    params:
      - id: w
        type: u2[]
      - id: k
        type: u2[]
    seq:
      - id: magic
        contents: [16, 1]
      - id: election
        size: 32
      - id: key
        size: 32
      - id: district
        type: u2
      - id: voter
        size: 32
      - id: number
        type: u4
      - id: previous
        size: 32
      - id: parts
        type: part(w[_index], k[_index])
        repeat: expr
        repeat-expr: w.size
  part:
    params:
      - id: w
        type: u2
      - id: k
        type: u2
    seq:
      - id: a
        size: 32
      - id: b
        size: 32
        repeat: expr
        repeat-expr: w
      - id: v
        size: 32
      - id: t_a
        size: 32
      - id: t_b
        size: 32
      - id: t_v
        size: 32
      - id: c
        size: 32
      - id: d
        size: 32
      - id: f
        size: 32
        repeat: expr
        repeat-expr: k
      - id: z_r
        size: 32
      - id: z_s
        size: 32
      - id: z_c
        size: 32
  opened_ballot:
    params:
      - id: w
        type: u2[]
      - id: k
        type: u2[]
    seq:
      - id: ballot
        type: ballot(w, k)
      - id: seed
        size: 32
      - id: selections
        type: selection(w[_index])
        repeat: expr
        repeat-expr: w.size
  selection:
    params:
      - id: w
        type: u2
    seq:
      - id: m
        type: u4
        repeat: expr
        repeat-expr: w
  # Page 07.
  roll:
    seq:
      - id: magic
        contents: [48, 1]
      - id: num_lines
        type: u4
      - id: lines
        type: roll_line
        repeat: expr
        repeat-expr: num_lines
  roll_line:
    seq:
      - id: pseudonym
        size: 32
      - id: district
        type: u2
  annulment_list:
    seq:
      - id: magic
        contents: [49, 1]
      - id: num_lines
        type: u4
      - id: lines
        type: annulment
        repeat: expr
        repeat-expr: num_lines
  annulment:
    seq:
      - id: pseudonym
        size: 32
      - id: reason
        type: u1
        enum: annulment_reason
  change_set:
    seq:
      - id: magic
        contents: [51, 1]
      - id: num_changes
        type: u4
      - id: changes
        type: roll_change
        repeat: expr
        repeat-expr: num_changes
  roll_change:
    seq:
      - id: pseudonym
        size: 32
      - id: act
        type: u1
        enum: roll_act
      - id: district
        type: u2
  reinstatement_list:
    seq:
      - id: magic
        contents: [52, 1]
      - id: num_pseudonyms
        type: u4
      - id: pseudonyms
        size: 32
        repeat: expr
        repeat-expr: num_pseudonyms
  promise:
    seq:
      - id: magic
        contents: [50, 1]
      - id: election
        size: 32
      - id: ballot_hash
        size: 32
      - id: deadline
        type: u8
      - id: signature
        size: 64
  # Page 05: n trustees, threshold t, W columns.
  commit:
    seq:
      - id: magic
        contents: [32, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: n
        type: u2
      - id: t
        type: u2
      - id: num_columns
        type: u2
      - id: reveal_hash
        size: 32
  reveal:
    params:
      - id: t
        type: u2
      - id: num_columns
        type: u2
    seq:
      - id: magic
        contents: [33, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: salt
        size: 32
      - id: commitments
        type: commitment
        repeat: expr
        repeat-expr: num_columns * t
        doc: column by column, in each the degrees 0 to t-1
  commitment:
    seq:
      - id: c
        size: 32
      - id: proof
        type: knowledge
  deal:
    params:
      - id: n
        type: u2
      - id: num_columns
        type: u2
    seq:
      - id: magic
        contents: [34, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: shares
        type: sealed_share(num_columns)
        repeat: expr
        repeat-expr: n
  sealed_share:
    params:
      - id: num_columns
        type: u2
    seq:
      - id: r
        size: 32
      - id: ciphertext
        size: 32 * num_columns
      - id: tag
        size: 16
  confirm:
    seq:
      - id: magic
        contents: [35, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: key
        size: 32
  complaint:
    seq:
      - id: magic
        contents: [36, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: dealer
        type: u2
      - id: s
        size: 32
      - id: proof
        type: equality
  drill_answer:
    params:
      - id: num_columns
        type: u2
    seq:
      - id: magic
        contents: [37, 1]
      - id: session
        size: 32
      - id: trustee
        type: u2
      - id: drill
        type: u4
      - id: answers
        type: drill_column
        repeat: expr
        repeat-expr: num_columns
  drill_column:
    seq:
      - id: y
        size: 32
      - id: proof
        type: equality
  # Page 09.
  mix:
    seq:
      - id: magic
        contents: [38, 1]
      - id: unit
        type: u4
      - id: stage
        type: u2
      - id: mixer
        type: u2
      - id: input
        size: 32
      - id: n
        type: u4
      - id: w
        type: u2
      - id: rows
        type: row(w)
        repeat: expr
        repeat-expr: n
      - id: proof
        type: shuffle_proof(n, w)
  row:
    params:
      - id: w
        type: u2
    seq:
      - id: a
        size: 32
      - id: b
        size: 32
        repeat: expr
        repeat-expr: w
  shuffle_proof:
    params:
      - id: n
        type: u4
      - id: w
        type: u2
    seq:
      - id: c
        size: 32
        repeat: expr
        repeat-expr: n
      - id: c_hat
        size: 32
        repeat: expr
        repeat-expr: n
      - id: t_1
        size: 32
      - id: t_2
        size: 32
      - id: t_3
        size: 32
      - id: t_4
        size: 32
        repeat: expr
        repeat-expr: w + 1
      - id: t_hat
        size: 32
        repeat: expr
        repeat-expr: n
      - id: s_1
        size: 32
      - id: s_2
        size: 32
      - id: s_3
        size: 32
      - id: s_4
        size: 32
      - id: s_hat
        size: 32
        repeat: expr
        repeat-expr: n
      - id: s_prime
        size: 32
        repeat: expr
        repeat-expr: n
  # Page 10.
  intent:
    seq:
      - id: magic
        contents: [39, 1]
      - id: trustee
        type: u2
      - id: size
        type: u8
      - id: root
        size: 32
      - id: counted
        size: 32
      - id: num_units
        type: u4
      - id: units
        type: intent_unit
        repeat: expr
        repeat-expr: num_units
  intent_unit:
    seq:
      - id: unit
        type: u4
      - id: stage_hash
        size: 32
  opening:
    seq:
      - id: magic
        contents: [40, 1]
      - id: trustee
        type: u2
      - id: unit
        type: u4
      - id: stage_hash
        size: 32
      - id: n
        type: u4
      - id: w
        type: u2
      - id: factors
        type: factor_row(w)
        repeat: expr
        repeat-expr: n
      - id: proof
        type: equality
  factor_row:
    params:
      - id: w
        type: u2
    seq:
      - id: f
        size: 32
        repeat: expr
        repeat-expr: w
enums:
  entry_kind:
    1: manifest
    2: order
    3: post
    4: batch
    5: ballot
    6: challenged
    7: closing
  role:
    1: trustee
    2: mixer
  post_kind:
    1: commit
    2: reveal
    3: deal
    4: confirm
    5: complaint
    6: drill
    7: mix
    8: intent
    9: opening
  order_kind:
    1: roll
    2: ceremony
    3: drill
    4: open
    5: last_login
    6: close
    7: suspend
    8: resume
    9: extend
    10: note
    11: annul
    12: seal
    13: result
    14: amend
    15: reinstate
  roll_act:
    1: added
    2: removed
    3: moved
  annulment_reason:
    1: voted_on_paper
    2: by_decision
