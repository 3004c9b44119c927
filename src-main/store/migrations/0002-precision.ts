import type { Migration } from './index.ts'

/** The number format asked for; every earlier run was float32. */
const schema = `
ALTER TABLE runs ADD COLUMN precision TEXT NOT NULL DEFAULT 'float32';
`

export const precision: Migration = { version: 2, name: 'precision', schema }
