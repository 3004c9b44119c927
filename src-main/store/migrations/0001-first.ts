import type { Migration } from './index.ts'

/**
 * The first schema. Points of a curve live in `metric_tail` until 4096 of them are sealed into one row of `metric_chunks`.
 * Numbers that may be NaN or infinite are 8-byte blobs: SQLite turns NaN into NULL.
 */
const schema = `
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0,
  record TEXT NOT NULL
) STRICT;

CREATE TABLE experiments (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  plan TEXT NOT NULL
) STRICT;

CREATE TABLE groups (
  key TEXT PRIMARY KEY,
  colour INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  experiment_id TEXT NOT NULL REFERENCES experiments(id),
  group_key TEXT NOT NULL REFERENCES groups(key),
  group_name TEXT NOT NULL,
  dataset_id TEXT NOT NULL REFERENCES datasets(id),
  environment_id TEXT,
  algorithm TEXT NOT NULL,
  seed INTEGER NOT NULL,
  config TEXT NOT NULL,
  engine_wanted TEXT NOT NULL,
  threads_wanted INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  progress TEXT NOT NULL,
  engine TEXT,
  bit_exact INTEGER NOT NULL DEFAULT 1,
  final_return BLOB,
  final_score BLOB,
  best_return BLOB,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  active_seconds REAL NOT NULL DEFAULT 0,
  queue_order INTEGER,
  archived INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_dataset ON runs(dataset_id);
CREATE INDEX runs_experiment ON runs(experiment_id);
CREATE INDEX runs_group ON runs(group_key);

CREATE TABLE run_segments (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  segment INTEGER NOT NULL,
  resumed_from INTEGER,
  visible_to INTEGER,
  PRIMARY KEY (run_id, segment)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_keys (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE metric_series (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  key_id INTEGER NOT NULL REFERENCES metric_keys(id),
  points INTEGER NOT NULL,
  non_finite INTEGER NOT NULL,
  last_step REAL NOT NULL,
  last_value BLOB NOT NULL,
  tail_points INTEGER NOT NULL,
  PRIMARY KEY (run_id, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_tail (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  key_id INTEGER NOT NULL REFERENCES metric_keys(id),
  segment INTEGER NOT NULL,
  points INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX metric_tail_series ON metric_tail(run_id, key_id);

CREATE TABLE metric_chunks (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  key_id INTEGER NOT NULL REFERENCES metric_keys(id),
  segment INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  points INTEGER NOT NULL,
  first_step REAL NOT NULL,
  last_step REAL NOT NULL,
  summary BLOB NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX metric_chunks_series ON metric_chunks(run_id, key_id, first_sequence);
CREATE INDEX metric_chunks_sequence ON metric_chunks(run_id, last_sequence);

CREATE TABLE write_marks (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  batch INTEGER NOT NULL
) STRICT;
INSERT INTO write_marks (id, batch) VALUES (1, 0);

CREATE TABLE evaluations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  segment INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  seconds REAL NOT NULL,
  returns BLOB NOT NULL,
  lengths BLOB NOT NULL,
  outcomes TEXT NOT NULL,
  score BLOB,
  failed_episodes INTEGER NOT NULL,
  hidden INTEGER NOT NULL DEFAULT 0,
  UNIQUE (run_id, segment, step)
) STRICT;

CREATE TABLE rollouts (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  segment INTEGER NOT NULL,
  step INTEGER NOT NULL,
  episode INTEGER NOT NULL,
  file TEXT NOT NULL,
  total_return BLOB NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (run_id, segment, step, episode)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  file TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  step INTEGER,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX log_run ON log(run_id, sequence);
`

export const first: Migration = { version: 1, name: 'first', schema }
