// Starts the viewer on our own document; requests it sends carry the CSRF value of a cookie session.
"use strict";

function csrf() {
  const found = document.cookie.match(/(?:^|; )(?:__Host-)?duet_csrf=([^;]*)/);
  return found ? decodeURIComponent(found[1]) : null;
}

window.SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  requestInterceptor: (request) => {
    const value = csrf();
    if (value !== null) {
      request.headers["X-CSRF-Token"] = value;
    }
    return request;
  },
});
