// Starts Swagger UI on the document that the page names. A file of its own, so that the page needs no inline script.
"use strict";

const place = document.getElementById("swagger-ui");

window.ui = SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
