import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { neededFiles, openWheel } from '../../../src-main/engines/wheel.ts'
import { fakeTensorflow, wheelBytes, writeWheel, type FakeFile, type FakeWheel } from './fakeWheel.ts'
import { problemOf, temporaryFolder } from './support.ts'

const library = 'tensorflow/libtensorflow_cc.so.2'
const withFile = (file: FakeFile): FakeWheel => fakeTensorflow({ files: [...fakeTensorflow().files, file] })

async function extracted(wheel: FakeWheel, name = library): Promise<string> {
  const folder = temporaryFolder()
  const target = join(folder, 'out/file')
  const opened = await openWheel(writeWheel(folder, wheel))
  try {
    await opened.extract(name, target, 0o755, () => undefined)
    return target
  } finally {
    opened.close()
  }
}

describe('a wheel', () => {
  it('tells what it is, and gives the files that an engine needs', async () => {
    const wheel = await openWheel(writeWheel(temporaryFolder(), fakeTensorflow()))
    wheel.close()
    expect([wheel.name, wheel.version]).toEqual(['tensorflow-cpu', '2.21.0'])
    expect(neededFiles(wheel)).toEqual([
      { name: library, place: 'lib/libtensorflow_cc.so.2', mode: 0o644 },
      {
        name: 'tensorflow/libtensorflow_framework.so.2',
        place: 'lib/libtensorflow_framework.so.2',
        mode: 0o644
      },
      { name: 'tensorflow/include/tensorflow/c/c_api.h', place: 'include/tensorflow/c/c_api.h', mode: 0o644 }
    ])
  })

  it('is taken out file by file, with its mode', async () => {
    const target = await extracted(fakeTensorflow())
    expect(readFileSync(target)).toEqual(Buffer.alloc(300_000, 'compiled '))
    expect(statSync(target).mode & 0o777).toBe(0o755)
  })

  it('of CUDA gives libraries, the assembler and the device library, and nothing else', () => {
    const names = [
      ...[
        'nvidia/cublas/lib/libcublas.so.12',
        'nvidia/cuda_nvcc/bin/ptxas',
        'nvidia/cublas/include/cublas.h'
      ],
      ...['nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc', 'nvidia/cuda_nvcc/bin/../../x', 'other/lib/a.so']
    ]
    expect(neededFiles({ sizes: new Map(names.map(name => [name, 1])) }).map(({ place }) => place)).toEqual([
      'lib/nvidia/cublas/lib/libcublas.so.12',
      'nvidia/cuda_nvcc/bin/ptxas',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'
    ])
  })
})

describe('a wheel is refused', () => {
  const refused = async (wheel: FakeWheel): Promise<string> =>
    problemOf(openWheel(writeWheel(temporaryFolder(), wheel)))

  it.each(['../outside', 'tensorflow/../../outside', '/etc/outside', 'tensorflow\\..\\outside'])(
    'with a file named %s',
    async name => {
      expect(await refused(withFile({ name, data: 'x' }))).toMatch(/is damaged or no wheel/)
    }
  )

  it('with a link in place of a library', async () => {
    const files = fakeTensorflow().files.map(file =>
      file.name === library ? { name: library, data: '/etc/passwd', mode: 0o120777 } : file
    )
    expect(await problemOf(extracted(fakeTensorflow({ files })))).toMatch(/libtensorflow_cc\.so\.2 is a link/)
  })

  it('with a file below another file', async () => {
    const header = 'tensorflow/include/tensorflow/c/c_api.h'
    const folder = temporaryFolder()
    const wheel = withFile({ name: `${header}/below.h`, data: 'x' })
    const opened = await openWheel(writeWheel(folder, wheel))
    const all = (async () => {
      for (const { name, place, mode } of neededFiles(opened))
        await opened.extract(name, join(folder, place), mode, () => undefined)
    })()
    expect(await problemOf(all)).toMatch(/^cannot write .*below\.h: E/)
    opened.close()
  })

  it('with a file that claims an absurd size, or that is there twice', async () => {
    expect(await refused(withFile({ name: 'tensorflow/big', data: 'x', claimed: 4.2e9 }))).toMatch(
      /tensorflow\/big claims 4200000000 bytes/
    )
    expect(await refused(withFile({ name: library, data: 'other' }))).toMatch(/is in it twice/)
  })

  it('when a file is larger than it claims', async () => {
    const files = fakeTensorflow().files.map(file =>
      file.name === library ? { ...file, claimed: 100 } : file
    )
    expect(await problemOf(extracted(fakeTensorflow({ files })))).toMatch(/damaged/)
  })

  it('when a checksum of its list is wrong, and what was written is not used', async () => {
    const wheel = fakeTensorflow({ wrongHash: [library] })
    expect(await problemOf(extracted(wheel))).toMatch(
      /the checksum of tensorflow\/libtensorflow_cc\.so\.2 is wrong/
    )
  })

  it('for another platform', async () => {
    expect(await refused(fakeTensorflow({ platform: 'win_amd64' }))).toMatch(
      /is made for win_amd64; take the one for manylinux x86_64/
    )
  })

  it('when it is cut short, no wheel, or not there', async () => {
    const folder = temporaryFolder()
    const path = writeWheel(folder, fakeTensorflow())
    truncateSync(path, wheelBytes(fakeTensorflow()).length - 40)
    expect(await problemOf(openWheel(path))).toMatch(/damaged or no wheel .*; fetch the file again/)
    writeFileSync(join(folder, 'text.whl'), 'not a zip')
    expect(await problemOf(openWheel(join(folder, 'text.whl')))).toMatch(
      /text\.whl is damaged or no wheel \(.*[^.]\); fetch the file again/
    )
    expect(await problemOf(openWheel(folder))).toBe(`${folder} is a folder; name a file in it`)
    expect(existsSync(join(folder, 'none.whl'))).toBe(false)
    expect(await problemOf(openWheel(join(folder, 'none.whl')))).toMatch(/none\.whl does not exist/)
  })
})
