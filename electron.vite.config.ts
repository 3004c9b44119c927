import { readFileSync } from 'node:fs'
import vue from '@vitejs/plugin-vue'
import ui from '@nuxt/ui/vite'
import { defineConfig } from 'electron-vite'
import { paletteInCss } from './src-renderer/styles/palettePlugin.ts'
import { kit } from './src-renderer/styles/kit.ts'

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}
/** Native packages and everything else installed stay outside the bundle; a test greps the output for them. */
const external = [
  'electron',
  /^node:/,
  ...[...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)].map(
    name => new RegExp(`^${name}(/|$)`)
  )
]

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      lib: {
        entry: {
          index: 'src-main/index.ts',
          trainer: 'src-main/training/trainer.ts',
          importer: 'src-main/datasets/importer.ts',
          gpuProbe: 'src-main/compute/onnx/gpuProbe.ts',
          tensorflowProbe: 'src-main/compute/tensorflow/tensorflowProbe.ts',
          simulator: 'src-main/training/simulator.ts',
          collector: 'src-main/collect/collector.ts',
          speedProbe: 'src-main/training/speedProbe.ts',
          engineInstaller: 'src-main/engines/installer.ts'
        },
        formats: ['es']
      },
      rollupOptions: {
        external,
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
      }
    }
  },
  preload: {
    build: {
      outDir: 'out/preload',
      lib: { entry: 'src-preload/index.ts', formats: ['cjs'] },
      rollupOptions: { external: ['electron'] }
    }
  },
  renderer: {
    root: 'src-renderer',
    plugins: [
      paletteInCss(),
      vue(),
      ui({
        root: import.meta.dirname,
        router: false,
        colorMode: false,
        experimental: { componentDetection: true },
        icon: { clientBundle: { scan: { globInclude: ['src-renderer/**/*.{vue,ts}'] } } },
        ui: kit
      })
    ],
    build: {
      outDir: 'out/renderer',
      minify: true,
      chunkSizeWarningLimit: 4000,
      rollupOptions: { input: 'src-renderer/index.html' }
    }
  }
})
