"""What the sample bureau needs besides text: attachments that are real files, and drafts of today."""
