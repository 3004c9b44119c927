import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../../src-main/base/errors.ts'
import {
  publishEngine,
  requireSpace,
  sweepLeftovers,
  withEnginesLock
} from '../../../src-main/engines/folders.ts'
import { installTensorflow } from '../../../src-main/engines/install.ts'
import { readInstalledEngine } from '../../../src-main/engines/installed.ts'
import type { InstallJob, InstallStep } from '../../../src-main/engines/messages.ts'
import { unsupportedReason } from '../../../src-main/engines/supported.ts'
import { fakeIndex, type FakeRelease } from './fakeIndex.ts'
import { fakeTensorflow, wheelBytes, wheelName, writeWheel, type FakeWheel } from './fakeWheel.ts'
import {
  countedWaits,
  elsewhere,
  fakeCompiler,
  problemOf,
  setVariable,
  temporaryFolder,
  where
} from './support.ts'

const release = (wheel: FakeWheel): FakeRelease => ({
  project: wheel.name,
  filename: wheelName(wheel),
  data: wheelBytes(wheel)
})

/** An install whose engine is believed to work. */
async function install(
  changes: Partial<InstallJob> = {},
  verify = async (_staging: string) => undefined,
  hasNvidiaDriver = () => false
) {
  const steps: InstallStep[] = []
  const job = { folder: join(temporaryFolder(), 'engines'), gpu: false, wheels: [], index: null, keep: false }
  const parts = { wait: countedWaits().wait, verify, hasNvidiaDriver }
  const installed = await installTensorflow({ ...job, ...changes }, step => void steps.push(step), parts)
  return { installed, steps }
}

/** An engine that is in place already. */
function olderEngine(folder: string): void {
  mkdirSync(join(folder, 'tensorflow'), { recursive: true })
  writeFileSync(join(folder, 'tensorflow/older'), 'still here')
}

describe.skipIf(elsewhere)(`installing TensorFlow${where}`, () => {
  beforeEach(() => fakeCompiler())

  it('from an index: libraries and a binding in place, nothing else left', async () => {
    const index = await fakeIndex([release(fakeTensorflow())])
    const folder = join(temporaryFolder(), 'engines')
    const staged: string[] = []
    const { installed, steps } = await install({ folder, index: index.address }, async staging => {
      staged.push(...readdirSync(join(staging, 'tensorflow')))
      return undefined
    })
    expect(staged.sort()).toEqual(['engine.json', 'lib'])
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(readdirSync(join(folder, 'tensorflow/lib')).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'tfjs_binding.node'
    ])
    expect(await readInstalledEngine(folder)).toEqual({
      ...{ version: '2.21.0', gpu: false },
      ...{ sizeBytes: installed.sizeBytes, installedAt: installed.installedAt }
    })
    const record = JSON.parse(readFileSync(join(folder, 'tensorflow/engine.json'), 'utf8')) as unknown
    expect(record).toMatchObject({ package: 'tensorflow-cpu', binding: '4.22.0', verified: true })
    expect(steps.map(({ text }) => text)).toContain('1 MB to download, up to 1 MB on the disk afterwards')
    const states = steps.map(step => step.state).filter((state, i, all) => state !== all[i - 1])
    expect(states).toEqual(['downloading', 'unpacking', 'building', 'verifying'])
    const last = steps.filter(({ state }) => state === 'unpacking').at(-1)
    expect(last?.doneBytes).toBe(last?.totalBytes)
  })

  it('takes the index of PIP_INDEX_URL, and keeps downloads when asked to', async () => {
    const index = await fakeIndex([release(fakeTensorflow())], 'html')
    setVariable('PIP_INDEX_URL', `${index.address}/`)
    const folder = join(temporaryFolder(), 'engines')
    await install({ folder, keep: true })
    expect(readdirSync(join(folder, 'downloads'))).toEqual([wheelName(fakeTensorflow())])
    await install({ folder })
    expect(index.requests.filter(request => request.includes('/files/'))).toHaveLength(1)
  })

  it('links the binding to its own folder, so that the engine can be moved', async () => {
    const folder = join(temporaryFolder(), 'engines')
    await install({ folder, wheels: [writeWheel(temporaryFolder(), fakeTensorflow())] })
    const command = readFileSync(join(folder, 'tensorflow/lib/tfjs_binding.node'), 'utf8')
    expect(command).toContain('-std=c++20')
    expect(command).toContain('-Wl,-rpath,$ORIGIN ')
  })

  it('for GPUs takes the CUDA libraries that the wheel requires, and links to them', async () => {
    const tensorflow = fakeTensorflow({
      name: 'tensorflow',
      metadata: ['Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5; extra == "and-cuda"', 'Requires-Dist: numpy']
    })
    const cublas = (version: string): FakeWheel => ({
      ...{ name: 'nvidia-cublas-cu12', version, platform: 'manylinux2014_x86_64' },
      files: [{ name: 'nvidia/cublas/lib/libcublas.so.12', data: `cublas ${version}` }]
    })
    const index = await fakeIndex(
      [tensorflow, cublas('12.4.0'), cublas('12.9.1.4'), cublas('13.0.0')].map(release)
    )
    const folder = join(temporaryFolder(), 'engines')
    const { installed, steps } = await install({ folder, gpu: true, index: index.address })
    expect(installed.gpu).toBe(true)
    const warned = (texts: readonly InstallStep[]) => texts.some(({ text }) => /no NVIDIA driver/.test(text))
    expect(warned(steps)).toBe(true)
    const again = await install(
      { folder, gpu: true, index: index.address },
      async () => undefined,
      () => true
    )
    expect(warned(again.steps)).toBe(false)
    const lib = join(folder, 'tensorflow/lib')
    expect(readFileSync(join(lib, 'nvidia/cublas/lib/libcublas.so.12'), 'utf8')).toBe('cublas 12.9.1.4')
    const command = readFileSync(join(lib, 'tfjs_binding.node'), 'utf8')
    expect(command).toContain('-Wl,-rpath,$ORIGIN/nvidia/cublas/lib -l:libcublas.so.12')
  })

  it('replaces an older engine, and sweeps what killed installs left', async () => {
    const folder = temporaryFolder()
    olderEngine(folder)
    for (const name of ['tensorflow.partial-1', 'tensorflow.old-1'])
      mkdirSync(join(folder, name, 'lib'), { recursive: true })
    await install({ folder, wheels: [writeWheel(temporaryFolder(), fakeTensorflow())] })
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(existsSync(join(folder, 'tensorflow/older'))).toBe(false)
  })
})

describe.skipIf(elsewhere)(`an install that fails leaves the older engine and${where}`, () => {
  const failing = async (changes: Partial<InstallJob>, verify?: (staging: string) => Promise<undefined>) => {
    const folder = temporaryFolder()
    olderEngine(folder)
    const problem = await problemOf(install({ folder, ...changes }, verify))
    expect(readFileSync(join(folder, 'tensorflow/older'), 'utf8')).toBe('still here')
    expect(readdirSync(folder).filter(name => /partial|old-|lock/.test(name))).toEqual([])
    return { problem, folder }
  }
  const stick = (changes: Partial<FakeWheel> = {}) => writeWheel(temporaryFolder(), fakeTensorflow(changes))

  it('shows the first error of the compiler, and keeps all it said', async () => {
    fakeCompiler('echo "In file included"; echo "c_api.h:1: error: no such thing" >&2; exit 1')
    const { problem, folder } = await failing({ wheels: [stick()] })
    expect(problem).toMatch(
      /building the binding with .*cxx 13\.2\.0 failed: c_api\.h:1: error: no such thing; all it said is in/
    )
    expect(readFileSync(join(folder, 'build.log'), 'utf8')).toContain('In file included')
  })

  it('says when the disk is full for the compiler, and not that another compiler would help', async () => {
    fakeCompiler('echo "c.cc:1: fatal error: error writing to /tmp/c.s: No space left on device" >&2; exit 1')
    const { problem } = await failing({ wheels: [stick()] })
    expect(problem).toMatch(
      /^the disk is full: .*cxx 13\.2\.0 cannot write in .* free some space and install/
    )
  })

  it('says when the compiler has no standard library, before anything is downloaded', async () => {
    fakeCompiler(
      'echo',
      true,
      'grep -q "include <string>" && echo "fatal error: memory: no file" && exit 1; exit 0'
    )
    const { problem, folder } = await failing({ index: 'http://nobody.invalid/simple' })
    expect(problem).toMatch(
      /cxx 13\.2\.0 does not find the headers of the C\+\+ standard library \(fatal error: memory: no file\); install them/
    )
    expect(readdirSync(folder)).toEqual(['tensorflow'])
  })

  it('says when no compiler runs, or only an old one', async () => {
    fakeCompiler('exit 1', false)
    expect((await failing({ wheels: [stick()] })).problem).toMatch(
      /cxx 13\.2\.0 is too old for C\+\+20, .*sudo apt install g\+\+/
    )
    setVariable('CXX', '/nowhere/cxx')
    expect((await failing({})).problem).toBe(
      'CXX names /nowhere/cxx, which does not run; unset CXX or correct it'
    )
    setVariable('CXX', '')
    setVariable('PATH', '/nowhere')
    expect((await failing({})).problem).toMatch(/there is no C\+\+ compiler on this machine; install one/)
  })

  it('says when the built engine does not run', async () => {
    fakeCompiler()
    const { problem } = await failing({ wheels: [stick()] }, async () => {
      throw new UserError('engine-failed', 'the built engine does not run')
    })
    expect(problem).toBe('the built engine does not run')
  })

  it('says when a file is of the wrong version, flavour or use', async () => {
    fakeCompiler()
    expect((await failing({ wheels: [stick({ version: '2.20.0' })] })).problem).toMatch(
      /holds tensorflow-cpu 2\.20\.0, and the engine needs >=2\.21\.0,<2\.22; take such a wheel/
    )
    expect((await failing({ wheels: [stick({ name: 'tensorflow' })] })).problem).toMatch(
      /holds tensorflow, and tensorflow-cpu is wanted; take that wheel, or install with --gpu/
    )
    expect((await failing({ wheels: [stick(), stick({ name: 'numpy', version: '2.0' })] })).problem).toMatch(
      /numpy 2\.0 is not needed; the engine takes tensorflow-cpu/
    )
    expect((await failing({ wheels: [stick({ files: [] })] })).problem).toMatch(
      /holds no libtensorflow_cc\.so\.2/
    )
    expect((await failing({ index: 'ftp://example.org' })).problem).toMatch(
      /is no address of a package index/
    )
  })

  it('refuses while another process installs', async () => {
    fakeCompiler()
    const folder = temporaryFolder()
    const second: string[] = []
    await install({ folder, wheels: [stick()] }, async () => {
      second.push(await problemOf(install({ folder, wheels: [stick()] })))
      return undefined
    })
    expect(second[0]).toMatch(/another process \(\d+\) is installing or removing an engine in .*; wait/)
    rmSync(folder, { recursive: true })
  })
})

describe('what stands in the way', () => {
  it('is a full disk, with figures', async () => {
    expect(await problemOf(requireSpace(temporaryFolder(), 1e18))).toMatch(
      /has \d+\.\d GB free and the engine needs 1000000000\.2 GB while it is installed; free some space, or name a folder/
    )
    await requireSpace(temporaryFolder(), 1)
  })

  it('is another platform, by name', () => {
    const machine = { platform: 'linux', arch: 'x64', glibc: '2.27' }
    expect(unsupportedReason(machine)).toBeNull()
    expect(unsupportedReason({ ...machine, glibc: '2.36' })).toBeNull()
    expect(unsupportedReason({ ...machine, arch: 'arm64' })).toMatch(/Linux only, and this is linux on arm64/)
    expect(unsupportedReason({ platform: 'darwin', arch: 'arm64', glibc: null })).toMatch(
      /64-bit x86 Linux only, and this is darwin on arm64/
    )
  })

  it('is an old or another C library, before anything is downloaded', () => {
    const machine = { platform: 'linux', arch: 'x64' }
    expect(unsupportedReason({ ...machine, glibc: '2.17' })).toMatch(
      /needs the GNU C library \(glibc\) 2\.27 or newer, and this system has 2\.17; the other engines train here/
    )
    expect(unsupportedReason({ ...machine, glibc: null })).toMatch(/this system has another C library/)
  })

  it.skipIf(elsewhere)(`is nothing on this machine${where}`, () => {
    expect(unsupportedReason()).toBeNull()
  })

  it.skipIf(process.platform !== 'linux')('is a folder that nobody may write in (Linux)', async () => {
    // Not even root makes files there.
    const problem = await problemOf(withEnginesLock('/sys/kernel', async () => undefined))
    expect(problem).toMatch(
      /^cannot write in \/sys\/kernel: .*; engines are kept there: make it writable, or name another folder with STITCHWORK_ENGINES$/
    )
    const below = join(temporaryFolder(), 'file')
    writeFileSync(below, '')
    expect(await problemOf(withEnginesLock(join(below, 'engines'), async () => undefined))).toMatch(
      /^cannot write in .*file\/engines: ENOTDIR/
    )
  })

  it('is told in a sentence whatever the disk refuses, and the lock is free afterwards', async () => {
    const folder = temporaryFolder()
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
    const work = withEnginesLock(folder, () => Promise.reject(full))
    expect(await problemOf(work)).toBe(
      `the disk is full: cannot change the engines in ${folder}; free some space and try again`
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('an older engine', () => {
  const record = (folder: string, name: string): string =>
    readFileSync(join(folder, name, 'engine.json'), 'utf8')
  function engineAt(folder: string, name: string, text: string): void {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'engine.json'), text)
  }

  it('comes back when the new one cannot take its place', async () => {
    const staging = temporaryFolder()
    const folder = join(staging, 'tensorflow/engines')
    engineAt(folder, 'tensorflow', 'older')
    // What is to be published holds the place where it should go, so the second rename fails and the first does not.
    expect(await problemOf(publishEngine(folder, staging))).not.toBe('nothing was wrong')
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(record(folder, 'tensorflow')).toBe('older')
  })

  it('that a crash between two renames left aside is put back by the next sweep', async () => {
    const folder = temporaryFolder()
    engineAt(folder, 'tensorflow.old-1', 'older')
    mkdirSync(join(folder, 'tensorflow.partial-1'))
    await sweepLeftovers(folder)
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(record(folder, 'tensorflow')).toBe('older')
  })

  it('is deleted once the new one is there, and so is one that is not whole', async () => {
    const folder = temporaryFolder()
    engineAt(folder, 'tensorflow', 'newer')
    engineAt(folder, 'tensorflow.old-1', 'older')
    await sweepLeftovers(folder)
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(record(folder, 'tensorflow')).toBe('newer')
    rmSync(join(folder, 'tensorflow'), { recursive: true })
    mkdirSync(join(folder, 'tensorflow.old-2'))
    await sweepLeftovers(folder)
    expect(readdirSync(folder)).toEqual([])
  })
})
