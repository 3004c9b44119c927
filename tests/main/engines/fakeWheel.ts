import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { crc32, deflateRawSync } from 'node:zlib'

export interface FakeFile {
  readonly name: string
  readonly data: Buffer | string
  /** Unix mode with file type; a regular file by default. */
  readonly mode?: number
  /** Size that the list of files claims. */
  readonly claimed?: number
}

/** A zip file of the given files, deflated. */
export function zip(files: readonly FakeFile[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const data = Buffer.from(file.data)
    const packed = deflateRawSync(data)
    const name = Buffer.from(file.name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(file.claimed ?? data.length, 18)
    common.writeUInt16LE(name.length, 22)
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((file.mode ?? 0o100644) * 65536, 6)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, name)
    offset += 30 + name.length + packed.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, ...directory, end])
}

export interface FakeWheel {
  readonly name: string
  readonly version: string
  readonly platform?: string
  /** Lines of METADATA beside name and version. */
  readonly metadata?: readonly string[]
  readonly files: readonly FakeFile[]
  /** Files whose checksum in RECORD is another one's. */
  readonly wrongHash?: readonly string[]
}

/** Bytes of a wheel with its METADATA, WHEEL and RECORD. */
export function wheelBytes(wheel: FakeWheel): Buffer {
  const { name, version, platform = 'manylinux_2_27_x86_64', files } = wheel
  const info = `${name.replaceAll('-', '_')}-${version}.dist-info`
  const described: FakeFile[] = [
    {
      name: `${info}/METADATA`,
      data: [
        'Metadata-Version: 2.1',
        `Name: ${name}`,
        `Version: ${version}`,
        ...(wheel.metadata ?? []),
        ''
      ].join('\n')
    },
    { name: `${info}/WHEEL`, data: `Wheel-Version: 1.0\nTag: cp311-cp311-${platform}\n` }
  ]
  const record = [...files, ...described].map(({ name, data }) => {
    const text = wheel.wrongHash?.includes(name) === true ? 'something else' : data
    return `${name},sha256=${createHash('sha256').update(text).digest('base64url')},${data.length}`
  })
  return zip([
    ...files,
    ...described,
    { name: `${info}/RECORD`, data: [...record, `${info}/RECORD,,`, ''].join('\r\n') }
  ])
}

export const wheelName = ({ name, version, platform = 'manylinux_2_27_x86_64' }: FakeWheel): string =>
  `${name.replaceAll('-', '_')}-${version}-cp311-cp311-${platform}.whl`

/** Writes a wheel under its usual name. @returns its path */
export function writeWheel(folder: string, wheel: FakeWheel): string {
  const path = `${folder}/${wheelName(wheel)}`
  writeFileSync(path, wheelBytes(wheel))
  return path
}

/** TensorFlow as the installer sees it: two libraries, a header, and much that it leaves alone. */
export const fakeTensorflow = (changes: Partial<FakeWheel> = {}): FakeWheel => ({
  name: 'tensorflow-cpu',
  version: '2.21.0',
  files: [
    { name: 'tensorflow/libtensorflow_cc.so.2', data: Buffer.alloc(300_000, 'compiled ') },
    { name: 'tensorflow/libtensorflow_framework.so.2', data: 'framework' },
    { name: 'tensorflow/include/tensorflow/c/c_api.h', data: '#error "a stand-in for the header"\n' },
    { name: 'tensorflow/python/ops.py', data: 'print()' }
  ],
  ...changes
})
