/** The system's C++ compiler, and the one thing that is built with it: the binding between Node and TensorFlow. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { bindingPackage, cudaLibraries } from './tested.ts'
import { includeFolder } from './wheel.ts'

// Not named `require`: the build puts a shim of that name into files that use it.
const packages = createRequire(import.meta.url)

export interface Compiler {
  /** Program and fixed arguments. */
  readonly command: readonly string[]
  /** Such as `g++ 13.2.0`. */
  readonly title: string
}

/** Versions of Node-API that the binding asks for. */
const nodeApiVersion = 8
const standard = '-std=c++20'

/**
 * The first compiler that knows C++20: `CXX`, then the usual names.
 * @throws UserError('unsupported') naming what to install
 */
export async function findCompiler(environment: NodeJS.ProcessEnv = process.env): Promise<Compiler> {
  const chosen = environment.CXX?.trim()
  const candidates = chosen ? [chosen] : ['g++', 'clang++', 'c++']
  let old: string | null = null
  for (const candidate of candidates) {
    const command = candidate.split(/\s+/)
    const version = await run([...command, '--version'], environment)
    if (version === null || version.code !== 0) continue
    const check = await run([...command, standard, '-fsyntax-only', '-x', 'c++', '/dev/null'], environment)
    const title = `${candidate} ${/\d+\.\d+(\.\d+)?/.exec(version.output)?.[0] ?? ''}`.trim()
    if (check?.code === 0) {
      await requireLibrary(command, title, environment)
      return { command, title }
    }
    old ??= title
  }
  throw new UserError('unsupported', noCompiler(chosen, old))
}

/** A compiler may come without the headers of the standard library; better said before a download than after it. */
async function requireLibrary(
  command: readonly string[],
  title: string,
  environment: NodeJS.ProcessEnv
): Promise<void> {
  const check = [...command, standard, '-fsyntax-only', '-x', 'c++', '-']
  const result = await run(check, environment, '#include <memory>\n#include <string>\n')
  if (result?.code === 0) return
  throw new UserError(
    'unsupported',
    `${title} does not find the headers of the C++ standard library (${firstError(result?.output)}); ` +
      'install them (Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install libstdc++-devel) and install the engine again'
  )
}

/** The line of a compiler's output that says what is wrong. */
const firstError = (output = ''): string =>
  (output.split('\n').find(line => /error|cannot find|undefined reference/i.test(line)) ?? 'no message')
    .trim()
    .slice(0, 300)

function noCompiler(chosen: string | undefined, old: string | null): string {
  const install =
    'install one (Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++) and install the engine again'
  if (old !== null)
    return `${old} is too old for C++20, which TensorFlow's headers need (g++ 10, clang++ 12 or newer); ${install}`
  if (chosen) return `CXX names ${chosen}, which does not run; unset CXX or correct it`
  return `there is no C++ compiler on this machine; ${install}`
}

/** Folder and version of the package with the binding's sources. @throws UserError('engine-unavailable') */
export function bindingSources(): { readonly folder: string; readonly version: string } {
  try {
    const manifest = packages.resolve(`${bindingPackage}/package.json`)
    if (!existsSync(join(dirname(manifest), 'binding/tfjs_binding.cc'))) throw new Error('no sources')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    return { folder: dirname(manifest), version }
  } catch {
    throw new UserError(
      'engine-unavailable',
      `the optional package ${bindingPackage} is not installed; run npm ci without --omit=optional`
    )
  }
}

/**
 * Builds the binding against the libraries and headers of an unpacked engine, into `lib/tfjs_binding.node`.
 * @param folder the engine's folder, with `lib` and the headers
 * @param log file that keeps what the compiler says
 * @throws UserError('engine-failed') with the compiler's first error
 */
export async function buildBinding(compiler: Compiler, folder: string, log: string): Promise<void> {
  const sources = bindingSources().folder
  const headers = join(dirname(packages.resolve('node-api-headers/package.json')), 'include')
  const lib = join(folder, 'lib')
  const cuda = await cudaFlags(lib)
  const command = [
    ...compiler.command,
    ...[standard, '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${nodeApiVersion}`],
    ...[join(sources, 'binding'), sources, join(folder, includeFolder), headers].map(path => `-I${path}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map(name => join(sources, 'binding', name)),
    ...['-o', join(lib, 'tfjs_binding.node'), `-L${lib}`],
    ...['-Wl,--no-as-needed', '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...cuda,
    // A link into the same folder: the engine may be moved as a whole.
    ...['-Wl,-rpath,$ORIGIN', '-Wl,--allow-shlib-undefined']
  ]
  const result = await run(command, process.env)
  await writeFile(log, `${command.join(' ')}\n\n${result?.output ?? 'did not start'}`)
  if (result?.code === 0) return
  if (/No space left on device|Disk quota exceeded/.test(result?.output ?? ''))
    throw new UserError(
      'disk-full',
      `the disk is full: ${compiler.title} cannot write in ${lib} or in its temporary folder (TMPDIR); free some space and install again`
    )
  throw new UserError(
    'engine-failed',
    `building the binding with ${compiler.title} failed: ${firstError(result?.output)}; ` +
      `all it said is in ${log}; try another compiler by setting CXX`,
    { log }
  )
}

/** Linker flags for the CUDA libraries that lie beside TensorFlow's; none without them. */
async function cudaFlags(lib: string): Promise<string[]> {
  const root = join(lib, 'nvidia')
  if (!existsSync(root)) return []
  const flags: string[] = []
  for (const part of (await readdir(root)).sort()) {
    const names = existsSync(join(root, part, 'lib')) ? await readdir(join(root, part, 'lib')) : []
    if (names.length === 0) continue
    flags.push(`-L${join(root, part, 'lib')}`, `-Wl,-rpath,$ORIGIN/nvidia/${part}/lib`)
    flags.push(...cudaLibraries.filter(name => names.includes(name)).map(name => `-l:${name}`))
  }
  return flags
}

/** Runs a program to its end; null when it does not start. It ends with this process, and so does all that it started. */
function run(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  input = ''
): Promise<{ readonly code: number | null; readonly output: string } | null> {
  return new Promise(resolve => {
    const child = spawn(command[0], command.slice(1), {
      env: { ...environment, LC_ALL: 'C' },
      detached: true, // A group of its own: compilers start others.
      stdio: ['pipe', 'pipe', 'pipe']
    })
    const endAll = () => child.pid !== undefined && endGroup(child.pid)
    process.once('exit', endAll)
    const settle = (result: { readonly code: number | null; readonly output: string } | null): void => {
      process.off('exit', endAll)
      resolve(result)
    }
    child.stdin.on('error', () => undefined) // It may end without reading; its code says how.
    child.stdin.end(input)
    let output = ''
    const take = (data: Buffer) => (output = (output + data.toString()).slice(0, 1 << 20))
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', () => settle(null))
    child.once('close', code => settle({ code, output }))
  })
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
