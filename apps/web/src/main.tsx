import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PageRouter } from './app/page.router.js';
import { startAppearance } from './settings/appearance.js';
import { AppFrame } from './ui/index.js';
import './styles/index.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');
startAppearance();
createRoot(root).render(
  <StrictMode>
    <AppFrame>
      <PageRouter />
    </AppFrame>
  </StrictMode>,
);
