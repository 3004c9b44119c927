// Own lint rules: which folder may import which, and no import cycles. The table is the one of docs/architecture.md.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Folder -> folders it may import from (itself always). Everything may import the contract. */
const allowed = {
  'src-main/base': [],
  'src-main/nn': ['src-main/base', 'src-main/algorithms/algorithm.ts'],
  'src-main/algorithms': ['src-main/base', 'src-main/nn'],
  'src-main/compute': ['src-main/base', 'src-main/nn', 'src-main/algorithms'],
  'src-main/environments': ['src-main/base'],
  'src-main/datasets': ['src-main/base', 'src-main/environments', 'src-main/algorithms'],
  'src-main/store': ['src-main/base'],
  'src-main/evaluation': [
    'src-main/base',
    'src-main/compute',
    'src-main/environments',
    'src-main/datasets',
    'src-main/store',
    'src-main/algorithms'
  ],
  'src-main/engines': ['src-main/base', 'src-main/compute', 'src-main/store/home.ts'],
  'src-main/training': [
    'src-main/engines',
    'src-main/base',
    'src-main/nn',
    'src-main/algorithms',
    'src-main/compute',
    'src-main/environments',
    'src-main/datasets',
    'src-main/store',
    'src-main/evaluation'
  ],
  'src-main/collect': [
    'src-main/base',
    'src-main/nn',
    'src-main/algorithms',
    'src-main/compute',
    'src-main/environments',
    'src-main/datasets',
    'src-main/evaluation'
  ],
  'src-main/api': [
    'src-main/base',
    'src-main/collect',
    'src-main/engines',
    'src-main/algorithms',
    'src-main/compute',
    'src-main/environments',
    'src-main/datasets',
    'src-main/store',
    'src-main/evaluation',
    'src-main/training'
  ],
  'src-main/host.ts': ['src-main'],
  'src-main/cli': ['src-main'],
  'src-main/serve': ['src-main'],
  'src-main/shell': ['src-main'],
  'src-main/index.ts': ['src-main'],
  'src-preload': ['src-preload'],
  'src-renderer/client': ['src-renderer/client'],
  'src-renderer/stores': ['src-renderer/client', 'src-renderer/ui'],
  'src-renderer/charts': ['src-renderer/ui', 'src-renderer/client', 'src-renderer/stores'],
  'src-renderer/replay': [
    'src-renderer/ui',
    'src-renderer/charts',
    'src-renderer/client',
    'src-renderer/stores'
  ],
  'src-renderer/ui': ['src-renderer/client', 'src-renderer/stores'],
  'src-renderer': ['src-renderer']
}

/** Packages that only some places may import. */
const packages = [
  { name: /^better-sqlite3$/, only: ['src-main/store', 'tests'] },
  { name: /^echarts(\/|$)/, only: ['src-renderer/charts', 'tests'] },
  { name: /^three(\/|$)/, only: ['src-renderer/replay/scene', 'tests'] },
  { name: /^@mujoco\/mujoco(\/|$)/, only: ['src-main/environments/mujoco', 'tests'] },
  { name: /^electron$/, only: ['src-main/shell', 'src-preload/index.ts', 'tests'] },
  { name: /^onnxruntime-node$/, only: ['src-main/compute/onnx', 'tests'] },
  { name: /^@tensorflow\/tfjs-node/, only: ['src-main/compute', 'tests'] }
]

const toKey = file => relative(root, file).split(sep).join('/')
const ruleFor = key =>
  Object.keys(allowed)
    .filter(folder => key === folder || key.startsWith(folder + '/'))
    .sort((a, b) => b.length - a.length)[0]
const inside = (key, folder) => key === folder || key.startsWith(folder + '/')

function resolveImport(file, source) {
  if (!source.startsWith('.')) return null
  const path = resolve(dirname(file), source)
  return [path, `${path}.ts`, join(path, 'index.ts')].find(candidate => existsSync(candidate)) ?? path
}

/** The message when `key` may not import `target`, else null. */
export function directionProblem(key, target) {
  if (key.startsWith('tests/') || inside(target, 'src-preload/contract')) return null
  if (key.startsWith('src-renderer') && target.startsWith('src-main'))
    return 'the renderer imports nothing from src-main'
  const featureOf = path => /^src-renderer\/features\/([^/]+)\//.exec(path)?.[1]
  if (featureOf(key) && featureOf(target) && featureOf(key) !== featureOf(target))
    return 'features never import each other'
  const folder = ruleFor(key)
  if (folder === undefined || inside(target, folder)) return null
  return allowed[folder].some(other => inside(target, other))
    ? null
    : `${folder} may not import ${target} (see docs/architecture.md)`
}

const direction = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = context.filename
    const key = toKey(file)
    const check = node => {
      const source = node.source?.value
      if (typeof source !== 'string') return
      const restricted = packages.find(entry => entry.name.test(source))
      if (restricted && !restricted.only.some(place => inside(key, place))) {
        context.report({
          node,
          message: `${source} is imported in ${restricted.only.slice(0, -1).join(', ')} only`
        })
      }
      const target = resolveImport(file, source)
      const problem = target && directionProblem(key, toKey(target))
      if (problem) context.report({ node, message: problem })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check
    }
  }
}

const importPattern = /^\s*(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s*)?['"](\.[^'"]+)['"]/gm
const edgesCache = new Map()

/** Files that a file loads at run time (type-only imports load nothing). */
function edges(file) {
  if (!edgesCache.has(file)) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    edgesCache.set(
      file,
      [...text.matchAll(importPattern)].map(match => resolveImport(file, match[1])).filter(Boolean)
    )
  }
  return edgesCache.get(file)
}

/** The shortest way from `from` back to `to`, or null. */
export function findCycle(from, to, seen = new Set()) {
  if (from === to) return [toKey(from)]
  if (seen.has(from)) return null
  seen.add(from)
  for (const next of edges(from)) {
    const rest = findCycle(next, to, seen)
    if (rest) return [toKey(from), ...rest]
  }
  return null
}

const noCycle = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = context.filename
    return {
      ImportDeclaration(node) {
        if (node.importKind === 'type') return
        const target = resolveImport(file, node.source.value)
        const cycle = target && existsSync(target) ? findCycle(target, file) : null
        if (cycle) context.report({ node, message: `import cycle: ${[toKey(file), ...cycle].join(' -> ')}` })
      }
    }
  }
}

export const imports = { rules: { direction, 'no-cycle': noCycle } }
