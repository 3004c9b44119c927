import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { download } from '../../../src-main/engines/download.ts'
import type { PinnedFile } from '../../../src-main/engines/simpleIndex.ts'
import { breakOnce, fakeIndex, type FakeIndex } from './fakeIndex.ts'
import { countedWaits, problemOf, temporaryFolder } from './support.ts'

const data = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251))
const filename = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'

async function setup() {
  const index = await fakeIndex([{ project: 'tensorflow-cpu', filename, data }])
  const folder = join(temporaryFolder(), 'downloads')
  const waits = countedWaits()
  const seen: number[] = []
  const fetchIt = (changes: Partial<PinnedFile> = {}) =>
    download({ ...fileOf(index), ...changes }, join(folder, filename), {
      index: index.address,
      wait: waits.wait,
      progress: bytes => void seen.push(bytes)
    })
  return { index, folder, waits, seen, fetchIt, target: join(folder, filename) }
}

const fileOf = (index: FakeIndex): PinnedFile => ({
  filename,
  version: '2.21.0',
  url: `${new URL(index.address).origin}/files/${filename}`,
  sha256: createHash('sha256').update(data).digest('hex'),
  sizeBytes: data.length,
  yanked: false
})

const hasBytes = (file: string): boolean => existsSync(file) && readFileSync(file).length > 0

describe('a download', () => {
  it('ends with the promised bytes, and is not fetched again', async () => {
    const { index, folder, seen, fetchIt, target } = await setup()
    await fetchIt()
    expect(readFileSync(target)).toEqual(data)
    expect(seen.at(-1)).toBe(data.length)
    await fetchIt()
    expect(index.requests).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([filename])
  })

  it('goes on where the connection broke', async () => {
    const { index, waits, fetchIt, target } = await setup()
    index.interrupt = breakOnce(data, 70_000, () => hasBytes(`${target}.part`))
    await fetchIt()
    expect(readFileSync(target)).toEqual(data)
    const range = /bytes=(\d+)-$/.exec(index.requests[1])
    expect(Number(range?.[1])).toBeGreaterThan(0)
    expect(index.sentBytes).toBe(data.length - Number(range?.[1]))
    expect(waits.pauses).toEqual([1000])
  })

  it('begins anew where the server sends no ranges, or has less than what is there', async () => {
    const { index, folder, fetchIt, target } = await setup()
    mkdirSync(folder)
    writeFileSync(`${target}.part`, data.subarray(0, 1000))
    index.interrupt = (_, response) => Boolean(response.end(data))
    await fetchIt()
    expect(readFileSync(target)).toEqual(data)
    index.interrupt = () => false
    writeFileSync(`${target}.part`, Buffer.concat([data, data]))
    writeFileSync(target, 'damaged since')
    await fetchIt({ sizeBytes: null })
    expect(readFileSync(target)).toEqual(data)
  })

  it('ends with a sentence where every answer is that the range is wrong', async () => {
    const { index, waits, folder, fetchIt, target } = await setup()
    mkdirSync(folder)
    writeFileSync(`${target}.part`, data.subarray(0, 1000))
    index.interrupt = (_, response) => Boolean(response.writeHead(416).end())
    expect(await problemOf(fetchIt())).toMatch(/answers 416 to .*name another index with --index/)
    expect(index.requests).toHaveLength(2)
    expect(waits.pauses).toEqual([])
  })

  it('names a % in the password that is no escape, and not the password', async () => {
    const { index, target } = await setup()
    const secret = index.address.replace('//', '//user:100%zz@')
    const options = { index: secret, wait: countedWaits().wait, progress: () => undefined }
    const problem = await problemOf(download(fileOf(index), target, options))
    expect(problem).toMatch(/the name or password .* has a % that is no escape; write %25/)
    expect(problem).not.toContain('100%zz')
    expect(index.requests).toEqual([])
  })

  it('is deleted when its checksum is wrong, and says so', async () => {
    const { folder, fetchIt } = await setup()
    const problem = await problemOf(fetchIt({ sha256: 'a'.repeat(64) }))
    expect(problem).toMatch(
      /came damaged: its checksum is not the one the index promises, and it was deleted/
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('is fetched whole once more when an older part spoilt it', async () => {
    const { folder, fetchIt, target } = await setup()
    mkdirSync(folder)
    writeFileSync(`${target}.part`, Buffer.alloc(5000, 1))
    await fetchIt()
    expect(readFileSync(target)).toEqual(data)
  })

  it('follows redirects', async () => {
    const { index, fetchIt, target } = await setup()
    const { url } = fileOf(index)
    index.interrupt = (request, response) =>
      request.url === '/moved' && Boolean(response.writeHead(302, { location: url }).end())
    await fetchIt({ url: new URL('/moved', url).href })
    expect(readFileSync(target)).toEqual(data)
  })

  it('keeps its part when it gives up, after a few attempts', async () => {
    const { index, waits, fetchIt, target } = await setup()
    const once = breakOnce(data, 50_000, () => hasBytes(`${target}.part`))
    index.interrupt = (request, response) => once(request, response) || Boolean(response.writeHead(502).end())
    expect(await problemOf(fetchIt())).toMatch(/answers 502 .* install again, it goes on where it stopped/)
    expect(waits.pauses.length).toBeGreaterThan(3)
    expect(existsSync(target)).toBe(false)
    expect(readFileSync(`${target}.part`).length).toBeGreaterThan(0)
  })

  it('that the server does not have is named', async () => {
    const { fetchIt, index } = await setup()
    const gone = fetchIt({ url: `${new URL(index.address).origin}/files/none` })
    expect(await problemOf(gone)).toMatch(new RegExp(`has no ${filename.replaceAll('.', '\\.')} \\(404\\)`))
  })

  it('goes on where an answer ended early without an error', async () => {
    const { index, waits, fetchIt, target } = await setup()
    let first = true
    index.interrupt = (_, response) => {
      if (!first) return false
      first = false
      response.writeHead(200, { 'transfer-encoding': 'chunked' })
      return Boolean(response.end(data.subarray(0, 70_000)))
    }
    await fetchIt()
    expect(readFileSync(target)).toEqual(data)
    expect(index.requests[1]).toMatch(/bytes=70000-$/)
    expect(waits.pauses).toEqual([1000])
  })

  it('stops where more comes than was promised, and leaves nothing', async () => {
    const { index, folder, waits, fetchIt } = await setup()
    let sent = 0
    index.interrupt = (_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' })
      const pour = (): void => {
        if (response.destroyed || sent > 50 * data.length) return
        sent += data.length
        response.write(data, pour)
      }
      pour()
      return true
    }
    expect(await problemOf(fetchIt())).toMatch(
      /sends more of tensorflow_cpu-.* than the 200000 bytes that it may have, and what came was deleted/
    )
    expect(readdirSync(folder)).toEqual([])
    expect(waits.pauses).toEqual([])
  })

  it.skipIf(!existsSync('/dev/full'))('says when the disk is full (needs /dev/full)', async () => {
    const { folder, waits, fetchIt, target } = await setup()
    mkdirSync(folder)
    symlinkSync('/dev/full', `${target}.part`)
    expect(await problemOf(fetchIt())).toBe(
      `the disk is full: cannot write ${target}; free some space and try again`
    )
    expect(waits.pauses).toEqual([])
  })

  it('counts as broken when nothing comes for a while', async () => {
    const { index, folder, target } = await setup()
    let silent = true
    index.interrupt = (_, response) => {
      if (!silent) return false
      silent = false
      response.writeHead(200, { 'content-length': data.length })
      response.write(data.subarray(0, 60_000))
      return true
    }
    const { pauses, wait } = countedWaits()
    await download(fileOf(index), join(folder, filename), {
      ...{ index: index.address, wait, silentMs: 50 },
      progress: () => undefined
    })
    expect(readFileSync(target)).toEqual(data)
    expect(pauses).toEqual([1000])
  })
})
