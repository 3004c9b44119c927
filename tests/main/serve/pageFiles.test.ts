import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pageFiles } from '../../../src-main/serve/pageFiles.ts'

test('a listed file that a newer build removed is not there, and the host goes on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'assets/old.js'), '1')
  const files = pageFiles(folder)
  expect(files('/assets/old.js')?.immutable).toBe(true)
  rmSync(join(folder, 'assets/old.js'))
  expect(files('/assets/old.js')).toBeNull()
  expect(files('/')?.type).toContain('text/html')
})
