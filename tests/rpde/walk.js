// Walks the feed at the address given, and prints what the validator found as JSON.
const { RpdeValidator } = require('@openactive/rpde-validator');

RpdeValidator(process.argv[2], { pageLimit: 30 }).then((log) => {
  const found = log.pages.flatMap((page) =>
    page.errors.map((error) => ({
      page: page.url,
      severity: error.severity,
      type: error.type,
      message: error.message,
      value: error.value,
    })),
  );
  process.stdout.write(JSON.stringify({ pages: log.pages.length, found }));
});
