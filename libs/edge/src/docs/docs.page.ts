/** The page under `/docs`: Swagger UI, served from here. Scripts are files of their own, so that no inline one is allowed. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quizbell API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/ui/swagger-ui.css">
<link rel="stylesheet" href="/docs/ui/docs.css">
<script defer src="/docs/ui/swagger-ui-bundle.js"></script>
<script defer src="/docs/ui/docs.js"></script>
</head>
<body>
<header class="bar">
<strong>Quizbell</strong>
<nav aria-label="Documents">
<a href="/docs/openapi.json">OpenAPI</a>
<a href="/docs/asyncapi.json">AsyncAPI</a>
</nav>
</header>
<main id="api"></main>
<noscript><p class="plain">This page needs JavaScript. The same as a file: <a href="/docs/openapi.json">openapi.json</a>.</p></noscript>
</body>
</html>
`;

// Without `validatorUrl: null` the page would show the document to a service elsewhere.
export const DOCS_SCRIPT = `window.SwaggerUIBundle({
  url: '/docs/openapi.json',
  dom_id: '#api',
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
`;

export const DOCS_STYLE = `body { margin: 0; background: #fff; }
.bar { display: flex; gap: 2rem; align-items: baseline; padding: .9rem max(20px, calc((100vw - 1420px) / 2)); background: #1b1f3b; color: #fff;
  font: 1rem/1.4 system-ui, sans-serif; }
.bar strong { font-size: 1.2rem; }
.bar nav { display: flex; gap: 1.2rem; }
.bar a { color: #c9d4ff; }
main { overflow-x: auto; }
.swagger-ui .info { margin: 2rem 0; }
.swagger-ui .markdown code, .swagger-ui .renderedMarkdown code { color: #1b1f3b; font-weight: 400; }
.swagger-ui .response-col_links { display: none; }
.plain { padding: 1rem 20px; font: 1rem/1.5 system-ui, sans-serif; }
`;
