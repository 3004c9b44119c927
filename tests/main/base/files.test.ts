import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  fileError,
  openProblem,
  publishFolder,
  sweepTemporaries,
  writeFileAtomic,
  writeFileAtomicSync
} from '../../../src-main/base/files.ts'
import { UserError } from '../../../src-main/base/errors.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('an atomic write replaces the file and leaves nothing beside it', async () => {
  const path = join(folder, 'a.txt')
  await writeFileAtomic(path, 'first')
  await writeFileAtomic(path, [new TextEncoder().encode('sec'), new TextEncoder().encode('ond')])
  expect(await readFile(path, 'utf8')).toBe('second')
  writeFileAtomicSync(path, [new TextEncoder().encode('th'), new TextEncoder().encode('ird')])
  expect(await readFile(path, 'utf8')).toBe('third')
  expect(await readdir(folder)).toEqual(['a.txt'])
})

test('a failed write keeps the old content, leaves nothing and names the path', async () => {
  await mkdir(join(folder, 'taken'))
  await writeFile(join(folder, 'taken', 'inside'), 'x')
  for (const write of [
    writeFileAtomic,
    async (path: string, text: string) => writeFileAtomicSync(path, text)
  ]) {
    const error = await write(join(folder, 'taken'), 'text').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).code).toBe('io-error')
    expect((error as UserError).message).toContain('taken')
  }
  expect(await readdir(folder)).toEqual(['taken'])
})

test('a full disk is named as such and bugs pass through', () => {
  const full = fileError(Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'write', '/x') as UserError
  expect(full.code).toBe('disk-full')
  const bug = new TypeError('bug')
  expect(fileError(bug, 'write', '/x')).toBe(bug)
})

test('publishing a folder moves it; where the target exists the staging folder goes', async () => {
  const make = async (name: string, text: string) => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'file'), text)
    return join(folder, name)
  }
  expect(await publishFolder(await make('s1', 'one'), join(folder, 'root', 'id'))).toBe(true)
  expect(await publishFolder(await make('s2', 'two'), join(folder, 'root', 'id'))).toBe(false)
  expect(await readFile(join(folder, 'root', 'id', 'file'), 'utf8')).toBe('one')
  expect(await readdir(folder)).toEqual(['root'])
})

test('sweeping removes temporaries of killed writers only', async () => {
  await writeFile(join(folder, 'a.json.tmp-123-4'), '')
  await writeFile(join(folder, 'tmp-notes.txt'), '')
  expect(await sweepTemporaries(folder)).toEqual(['a.json.tmp-123-4'])
  expect(await readdir(folder)).toEqual(['tmp-notes.txt'])
})

test.each([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read by this user']
])('a path that fails with %s %s', (code, text) => {
  expect(openProblem(Object.assign(new Error('no'), { code }))).toBe(text)
  expect(openProblem(new Error('odd'))).toBe('cannot be opened: odd')
})
