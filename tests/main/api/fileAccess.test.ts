import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileAccess } from '../../../src-main/api/fileAccess.ts'

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'root')
  mkdirSync(join(root, 'inner'), { recursive: true })
  writeFileSync(join(root, 'walks.csv'), 'x,y\n')
  writeFileSync(join(root, 'walk 10.csv'), '')
  writeFileSync(join(root, 'walk 9.csv'), '')
  writeFileSync(join(root, '.hidden'), '')
  writeFileSync(join(folder, 'secret.csv'), 'x,y\n')
  const recognise = (header: Uint8Array, name: string) =>
    name.endsWith('.csv') && header.length > 0 ? 'CSV' : null
  const files = new FileAccess({ roots: [root], headerBytes: 16, recognise })
  return { folder, root, files }
}

describe('FileAccess', () => {
  it('lists a root with folders first, names in natural order, badges, and no hidden files', async () => {
    const { files, root } = setUp()
    const roots = await files.list(null)
    expect(roots).toMatchObject({ parent: null, entries: [{ name: root, kind: 'folder' }] })
    const listing = await files.list(roots.entries[0].handle)
    expect(listing.entries.map(({ name, kind, recognised }) => [name, kind, recognised])).toEqual([
      ['inner', 'folder', null],
      ['walk 9.csv', 'file', null],
      ['walk 10.csv', 'file', null],
      ['walks.csv', 'file', 'CSV']
    ])
    expect(listing.parent).toBeNull()
    const inner = await files.list(listing.entries[0].handle)
    expect(inner).toMatchObject({ title: 'inner', entries: [], parent: roots.entries[0].handle })
  })

  it('gives handles that say nothing of the path, the same for the same file, and knows no others', async () => {
    const { files, root } = setUp()
    const [{ handle }] = (await files.list(null)).entries
    const entries = (await files.list(handle)).entries
    expect(entries.every(entry => !entry.handle.includes('root') && !entry.handle.includes('/'))).toBe(true)
    expect((await files.list(handle)).entries).toEqual(entries)
    expect(files.path(entries[3].handle)).toBe(join(root, 'walks.csv'))
    for (const guess of ['/etc/passwd', '..', '', 'x'.repeat(200)]) {
      expect(() => files.path(guess)).toThrow(expect.objectContaining({ code: 'not-found' }))
      await expect(files.list(guess)).rejects.toMatchObject({ code: 'not-found' })
    }
  })

  it('says how many names of a very full folder it leaves out', async () => {
    const { root } = setUp()
    const files = new FileAccess({ roots: [root], headerBytes: 16, recognise: () => null, listedEntries: 3 })
    const [{ handle }] = (await files.list(null)).entries
    const { entries, omitted } = await files.list(handle)
    expect(entries).toHaveLength(3)
    expect(omitted).toBe(1)
  })

  it('does not follow links out of the roots', async () => {
    const { files, root, folder } = setUp()
    symlinkSync(folder, join(root, 'way out'))
    symlinkSync(join(folder, 'secret.csv'), join(root, 'secret.csv'))
    symlinkSync(join(root, 'walks.csv'), join(root, 'way in.csv'))
    const [{ handle }] = (await files.list(null)).entries
    const names = (await files.list(handle)).entries.map(({ name }) => name)
    expect(names).not.toContain('way out')
    expect(names).not.toContain('secret.csv')
    expect(names).toContain('way in.csv')
  })

  it('accepts what the person picked, wherever it lies, but does not list around it', async () => {
    const { files, folder } = setUp()
    const picked = await files.entryOf(join(folder, 'secret.csv'))
    expect(picked).toMatchObject({ name: 'secret.csv', kind: 'file', sizeBytes: 4, recognised: 'CSV' })
    expect(files.path(picked.handle)).toBe(join(folder, 'secret.csv'))
    const outside = await files.entryOf(folder)
    await expect(files.list(outside.handle)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(files.entryOf(join(folder, 'absent'))).rejects.toMatchObject({ code: 'not-found' })
  })
})
