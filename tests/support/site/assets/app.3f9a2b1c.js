document.title = "Sample, drawn";
