import './trusted.ts'
import './styles/main.css'
import { _api } from '@iconify/vue'
import ui from '@nuxt/ui/vue-plugin'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { connectPage } from './client/index.ts'
import { applyStoredTheme } from './stores/appearance.ts'

// Icons come with the page; a name that was not bundled must not make it ask a server.
_api.setFetch(() => Promise.reject(new Error('the icon is not in the bundle')))

applyStoredTheme()
connectPage()
createApp(App).use(createPinia()).use(ui).mount('#app')
